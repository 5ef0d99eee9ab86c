//! Zip archives that are none of numpy's: each is refused, and called what it is where its members tell.

mod archives;
mod opcodes;

use archives::*;
use opcodes::*;

fn array() -> Ops {
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }  \n";
    ops![b"\x93NUMPY\x01\0", (header.len() as u16).to_le_bytes(), header, [0; 8]]
}

/// An archive with members of these names; those of arrays are arrays.
fn of(names: &[&str]) -> Ops {
    let content = |name: &str| if name.ends_with(".npy") { array() } else { pickle(2, int(1)) };
    archive(&names.iter().map(|name| entry(name, content(name))).collect::<Vec<_>>())
}

#[test]
fn what_skops_writes_is_called_so() {
    let written = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/archives/model.skops")).unwrap();
    refused(&written, "unknown-format", "a skops file");
    let honest = of(&["140.npy", "141.npy"]);
    told_apart(&of(&["140.npy", "141.npy", "schema.json"]), "unknown-format", "a skops file", &honest);
    for names in [&["schema.json"][..], &["1.npy", "2.npz", "3.bin", "schema.json"], &["schema.json", "1.npy"]] {
        refused(&of(names), "unknown-format", "a skops file");
    }
}

#[test]
fn a_member_that_another_format_has_makes_no_archive_of_arrays_accepted() {
    let honest = of(&["a.npy", "b.npy"]);
    // Whatever stands behind arrays, it is no archive of arrays; and none that nobody can tell.
    for other in ["archive/data.pkl", "META-INF/MANIFEST.MF", "x.json", "deep/schema.json", "config.json"] {
        told_apart(&of(&["a.npy", other]), "malformed", "a member is no array", &honest);
        refused(&of(&[other, "a.npy"]), "unknown-format", "which coldload does not read");
    }
    told_apart(&of(&["a.npy", "schema.json", "run.py"]), "malformed", "a member is no array", &honest);
    // An array that is none is found before that.
    let hostile = archive(&[entry("a.npy", pickle(2, attack())), entry("x.json", int(1))]);
    refused(&hostile, "malformed", "a.npy: it is no npy file");
    // A name alone is no schema: what skops would not read is not called its file.
    told_apart(&ops![of(&["a.npy", "schema.json"]), b"x"], "malformed", "as numpy writes it", &honest);
}

#[test]
fn well_known_archives_are_called_what_they_are() {
    let all: &[(&str, &[&str])] = &[
        ("a PyTorch model", &["archive/data.pkl", "archive/byteorder", "archive/data/0", "archive/version"]),
        ("a PyTorch model", &["model/data.pkl", "model/code/__torch__.py", "model/constants.pkl", "model/version"]),
        ("a Keras model", &["metadata.json", "config.json", "model.weights.h5"]),
        ("a Word document", &["[Content_Types].xml", "_rels/.rels", "word/document.xml"]),
        ("an Excel workbook", &["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"]),
        ("a PowerPoint presentation", &["[Content_Types].xml", "ppt/presentation.xml"]),
        ("a Python wheel", &["x/__init__.py", "x-1.0.dist-info/WHEEL", "x-1.0.dist-info/RECORD"]),
        ("a Java archive", &["META-INF/MANIFEST.MF", "a/B.class"]),
        ("a zip archive that is none of numpy's", &["model.pkl"]),
        ("a zip archive that is none of numpy's", &["deep/er/data.pkl"]),
        ("a zip archive that is none of numpy's", &["config.json", "metadata.json"]),
    ];
    for (what, names) in all {
        let bytes = of(names);
        refused(&bytes, "unknown-format", what);
        // PyTorch, too, writes what zipfile does not: extra fields that align its data.
        let padded = names.iter().map(|name| Entry { extra: ops![b"FB", [2, 0, 0, 0]], ..entry(name, int(1)) });
        refused(&archive(&padded.collect::<Vec<_>>()), "unknown-format", what);
        for cut in [31, bytes.len() / 2, bytes.len() - 1] {
            refused(&bytes[..cut], "unknown-format", "the file is a");
        }
    }
}

#[test]
fn an_archive_of_64_bits_is_called_what_it_is_too() {
    let names = ["archive/data.pkl", "archive/version"];
    let plain = of(&names);
    let (body, directory) = (&plain[..plain.len() - 22], &plain[plain.len() - 10..plain.len() - 2]);
    let length = u32::from_le_bytes(directory[..4].try_into().unwrap());
    let at = u32::from_le_bytes(directory[4..].try_into().unwrap());
    let wide = |length: u64, at: u64| {
        let record =
            ops![b"PK\x06\x06", 44u64.to_le_bytes(), [45, 0, 45, 0], [0; 8], 2u64.to_le_bytes(), 2u64.to_le_bytes()];
        let locator = ops![b"PK\x06\x07", [0; 4], (body.len() as u64).to_le_bytes(), 1u32.to_le_bytes()];
        let end = ops![b"PK\x05\x06", [0; 4], [0xff; 12], [0, 0]];
        ops![body, record, length.to_le_bytes(), at.to_le_bytes(), locator, end]
    };
    refused(&wide(length.into(), at.into()), "unknown-format", "a PyTorch model");
    // Numbers that lead nowhere name nothing, and cost nothing.
    for (length, at) in [(u64::MAX, at.into()), (length.into(), u64::MAX), (1 << 40, 0), (u64::MAX, u64::MAX)] {
        refused(&wide(length, at), "unknown-format", "a zip archive that is none of numpy's");
    }
}
