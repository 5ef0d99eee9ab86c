//! What each target starts from in the program itself; `fuzz/seeds/` has more, for those who have the source.

use super::{archives, ops, seals};

/// A small model, and one of another kind.
const LINEAR: &[u8] = include_bytes!("../../tests/data/demo/iris_linear.joblib.bz2");
const FOREST: &[u8] = include_bytes!("../../tests/data/demo/iris_forest.pkl");

/// The seeds of a target. One that builds its input from decisions needs none.
pub(super) fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "machine" => [pickles(), vec![LINEAR.to_vec()], empty_archive()].concat(),
        "dump" => [pickles(), documents()].concat(),
        "opcodes" => pickles(),
        "limited" => pickles().into_iter().map(|pickle| [vec![1; 21], pickle].concat()).collect(),
        "zip" => (0..4).map(|kind| archives::archive(&[0, 0, 0, 0, 0, 0, kind, 3, 1, 2, 3]).0.split_off(4)).collect(),
        "predict" => vec![LINEAR.to_vec(), FOREST.to_vec()],
        "joblib" | "compress" => {
            let packed = (0..4).flat_map(|codec| {
                pickles().into_iter().map(move |pickle| [vec![codec, 0, 0, 0, 0, 0], pickle].concat())
            });
            packed.chain([LINEAR.to_vec()]).collect()
        }
        "npy" => ["'<f8'", "'|u1'", "'|O'", "[('a', '<i4'), ('b', '|S3')]"].iter().map(|descr| header(descr)).collect(),
        "rows" => rows(),
        "requirements" => requirements(),
        "manifest" | "seal" => seals::seeds(),
        _ => Vec::new(),
    }
}

/// Pickles with what honest files hold.
pub(super) fn pickles() -> Vec<Vec<u8>> {
    let one = |body: Vec<u8>| [b"\x80\x04".to_vec(), body, b".".to_vec()].concat();
    let class = ops::global("sklearn.preprocessing._data", "StandardScaler");
    let state =
        [ops::text("_sklearn_version"), ops::text("1.6.1"), ops::text("mean_"), ops::array(3, "f8", 0)].concat();
    let framed = [&b"\x80\x04\x95\x04\0\0\0\0\0\0\0]\x94N."[..], b"\x80\x02N."].concat();
    vec![
        one(ops::array(3, "f8", 1)),
        one(ops::wrapper(3, 1)),
        one([class, b")\x81}(".to_vec(), state, b"ub".to_vec()].concat()),
        one([ops::global("functools", "partial"), b")R".to_vec()].concat()),
        one(b"]q\x00(K\x01G?\xf0\0\0\0\0\0\0\x8c\x01ah\x00\x87}\x8f(K\x01\x90e".to_vec()),
        b"(lp0\nI1\naS'a'\np1\naF1.5\na(dp2\ng1\nL5L\nsa.".to_vec(),
        framed,
    ]
}

/// Documents of a few values, in both forms.
fn documents() -> Vec<Vec<u8>> {
    let json =
        br#"{"schema":"coldload.dump/1","names":[],"dtypes":[],"roots":[{"ref":0}],"nodes":[{"list":[1,null,true]}]}"#;
    let value: Option<ciborium::Value> = serde_json::from_slice(json).ok();
    let mut cbor = Vec::new();
    let written = ciborium::into_writer(&value, &mut cbor).is_ok();
    [json.to_vec()].into_iter().chain(written.then_some(cbor)).collect()
}

fn empty_archive() -> Vec<Vec<u8>> {
    vec![b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec()]
}

/// Decisions of the target `npy`: version, half the header's length, the header, three elements of 8 bytes.
fn header(descr: &str) -> Vec<u8> {
    let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (3,), }}");
    let text = format!("{text:>width$}\n", width = text.len() | 1);
    [&[0, (text.len() / 2) as u8], text.as_bytes(), &[0; 24]].concat()
}

fn rows() -> Vec<Vec<u8>> {
    [
        "\0a,b\n1,2.5\n,NaN\n",
        "\0\"a \"\"b\"\"\",c\r\nx,y\r\n",
        "\x02{\"dataframe_split\": {\"columns\": [\"a\"], \"data\": [[1], [null]]}}",
        "\x02{\"inputs\": [[1, 2.5e3], [-0, 1e400]]}",
        "\x02{\"inputs\": [\"a\", \"\\ud83d\\ude00\"]}",
        "\x01\u{93}NUMPY\x01\0v\0{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }",
    ]
    .into_iter()
    .map(|text| text.chars().map(|c| c as u32 as u8).collect())
    .collect()
}

fn requirements() -> Vec<Vec<u8>> {
    [
        "\0scikit-learn==1.6.1 ; python_version >= \"3.9\" \\\n    --hash=sha256:00\n-r other.txt\n",
        "\0numpy>=1.24,<3 # why\npkg @ https://user:secret@host/pkg.whl\n",
        "\x03{\"_meta\": {}, \"default\": {\"numpy\": {\"version\": \"==2.0\"}}}",
        "\x04[[package]]\nname = \"numpy\"\nversion = \"2.0.1\"\n",
        "\x06dependencies:\n  - numpy=2.0\n  - pip:\n    - joblib==1.4\n",
    ]
    .into_iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}
