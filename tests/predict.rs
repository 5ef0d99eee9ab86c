//! Every honest model that this build types answers as the scikit-learn that saved it did: trees, forests and scalers to
//! the bit, what passes through BLAS, `exp` or `log` within 1e-12. The answers stand beside the models, as `NAME.json`.
//!
//! `COLDLOAD_MODELS` names one more folder of the same form (`VERSION/NAME.json`); models of classes that this build does
//! not type are passed over there.

use coldload::bytes::{Budget, Input, Limits};
use coldload::format::{Ctx, Keep, Parsed, read};
use coldload::graph::Heap;
use coldload::job::{AnswerFormat, Method, RowsFormat};
use coldload::model::{self, Answer, BuildError, Model, Rows, Structure};
use coldload::vocabulary::Vocabulary;
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

fn load(path: &Path, keep: Keep) -> (Heap, Parsed) {
    let bytes = std::fs::read(path).unwrap();
    let (vocabulary, budget) = (Vocabulary::default(), Budget::new(&Limits::default(), bytes.len() as u64));
    let mut input = Input::from_bytes(&bytes, usize::MAX);
    let mut events = ();
    let mut ctx = Ctx::new(&vocabulary, budget, keep, &mut events);
    let mut parsed = Parsed::default();
    read(&mut input, &mut ctx, &mut parsed).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
    (ctx.heap, parsed)
}

#[derive(Clone)]
struct Case {
    name: String,
    model: PathBuf,
    meta: Json,
}

fn cases(root: &Path) -> Vec<Case> {
    let mut found = Vec::new();
    for version in std::fs::read_dir(root).unwrap() {
        let version = version.unwrap().path();
        for file in std::fs::read_dir(&version).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|extension| extension == "json") {
                let meta: Json = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
                let Some(model) = meta["file"].as_str().map(|model| version.join(model)) else { continue };
                let name = file.strip_prefix(root).unwrap().display().to_string();
                found.push(Case { name, model, meta });
            }
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

fn own() -> Vec<Case> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    // The second are trees as a machine of 32 bits saves them.
    [cases(&data.join("models")), cases(&data.join("bits"))].concat()
}

/// A value of a table: a number, or a float as Python's `repr` writes it.
fn float(value: &Json) -> f64 {
    match value {
        Json::Null => f64::NAN,
        Json::String(text) => text.parse().unwrap(),
        Json::Bool(value) => f64::from(u8::from(*value)),
        value => value.as_f64().unwrap(),
    }
}

/// A cell of a frame: texts that are numbers become that.
fn cell(value: &Json) -> Json {
    match value.as_str().and_then(|text| text.parse::<f64>().ok()) {
        Some(number) if number.is_nan() => Json::Null,
        Some(number) => json!(number),
        None => value.clone(),
    }
}

fn rows(x: &Json) -> Rows {
    if x["columns"].is_array() {
        let row = |row: &Json| row.as_array().unwrap().iter().map(cell).collect::<Json>();
        let data: Json = x["rows"].as_array().unwrap().iter().map(row).collect();
        let split = json!({"dataframe_split": {"columns": x["columns"], "data": data}});
        return Rows::read(split.to_string().as_bytes(), RowsFormat::Json).unwrap();
    }
    let values: Vec<f64> = x["data"].as_array().unwrap().iter().map(float).collect();
    let shape: Vec<String> = x["shape"].as_array().unwrap().iter().map(Json::to_string).collect();
    let single = x["dtype"] == "float32";
    let header = format!(
        "{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}\n",
        if single { "<f4" } else { "<f8" },
        shape.join(", ")
    );
    let mut npy = b"\x93NUMPY\x01\x00".to_vec();
    npy.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    npy.extend(header.as_bytes());
    for value in values {
        match single {
            true => npy.extend((value as f32).to_le_bytes()),
            false => npy.extend(value.to_le_bytes()),
        }
    }
    Rows::read(&npy, RowsFormat::Npy).unwrap()
}

fn flat<'j>(json: &'j Json, out: &mut Vec<&'j Json>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| flat(item, out)),
        value => out.push(value),
    }
}

/// Compares what was answered with what scikit-learn answered, as an array or as a list of them.
fn compare(got: &Answer, want: &Json, exact: bool) -> Result<(), String> {
    let mut text = Vec::new();
    model::write(std::slice::from_ref(got), AnswerFormat::Json, &mut text).unwrap();
    let document: Json = serde_json::from_slice(&text).unwrap();
    let mut found = Vec::new();
    flat(&document[got.method.text()], &mut found);
    let outputs: Vec<&Json> = want["outputs"].as_array().map_or_else(|| vec![want], |outputs| outputs.iter().collect());
    let wanted: Vec<(&Json, bool)> = outputs
        .iter()
        .flat_map(|output| {
            let floats = output["dtype"].as_str().unwrap().starts_with("float");
            output["data"].as_array().unwrap().iter().map(move |value| (value, floats))
        })
        .collect();
    if found.len() != wanted.len() {
        return Err(format!("{} values for {}", found.len(), wanted.len()));
    }
    let finite = wanted.iter().filter(|(_, floats)| *floats).map(|(value, _)| float(value).abs());
    let scale = finite.filter(|value| value.is_finite()).fold(0.0, f64::max);
    for (found, (wanted, floats)) in found.into_iter().zip(wanted) {
        let same = if floats {
            let (found, wanted) = (float(found), float(wanted));
            let near = match got.method {
                Method::PredictProba => 1e-12 * wanted.abs() + 1e-15,
                _ => 1e-12 * scale,
            };
            found.to_bits() == wanted.to_bits()
                || (found.is_nan() && wanted.is_nan())
                || (!exact && (found - wanted).abs() <= near)
        } else {
            found == wanted
        };
        if !same {
            return Err(format!("{found} for {wanted}"));
        }
    }
    Ok(())
}

/// Answers one case; `None` when its class is not typed.
fn answer(case: &Case) -> Option<Result<(), String>> {
    let (heap, parsed) = load(&case.model, Keep::Bytes);
    let model = match Model::build(&heap, parsed.roots[0]) {
        Ok(model) => model,
        Err(BuildError::NotTyped { .. }) => return None,
        Err(error) => return Some(Err(error.to_string())),
    };
    let linear = |module: &str| module.starts_with("sklearn.linear_model");
    let exact = !heap.names.iter().any(|(_, name)| linear(&name.module));
    let rows = rows(&case.meta["X"]);
    for (method, want) in case.meta["answers"].as_object().unwrap() {
        let method = Method::ALL.into_iter().find(|known| known.text() == method).unwrap();
        match model.run(method, &rows) {
            Ok(_) if want["error"].is_string() => return Some(Err(format!("{} should fail", method.text()))),
            Ok(got) => {
                if let Err(error) = compare(&got, want, exact) {
                    return Some(Err(format!("{}: {error}", method.text())));
                }
            }
            Err(_) if want["error"].is_string() => {}
            Err(error) => return Some(Err(error.to_string())),
        }
    }
    let unasked = model.methods().iter().find(|method| case.meta["answers"].get(method.text()).is_none());
    Some(unasked.map_or(Ok(()), |method| Err(format!("scikit-learn has no {}", method.text()))))
}

fn report(wrong: &[String], of: usize) {
    assert!(wrong.is_empty(), "{} of {of} models:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
fn models_answer_as_the_scikit_learn_that_saved_them() {
    let own = own();
    assert!(!own.is_empty());
    let another = std::env::var_os("COLDLOAD_MODELS").map_or_else(Vec::new, |root| cases(Path::new(&root)));
    let judge = |case: &Case, typed: bool| match answer(case) {
        Some(Ok(())) => None,
        Some(Err(error)) => Some(format!("{}: {error}", case.name)),
        None => typed.then(|| format!("{}: not typed", case.name)),
    };
    let wrong = own.iter().filter_map(|case| judge(case, true));
    let wrong = wrong.chain(another.iter().filter_map(|case| judge(case, false)));
    report(&wrong.collect::<Vec<_>>(), own.len() + another.len());
}

#[test]
fn honest_models_hold_together_whether_or_not_their_arrays_are_kept() {
    let all = own();
    let mut wrong = Vec::new();
    for case in &all {
        let mut seen = Vec::new();
        for keep in [Keep::Shapes, Keep::Bytes] {
            let (heap, parsed) = load(&case.model, keep);
            let found = model::check(&heap, &parsed.roots);
            if found != Structure::Typed {
                wrong.push(format!("{} {keep:?}: {found:?}", case.name));
            }
            let mut summary = model::summarize(&heap, parsed.roots[0]);
            model::tell_parameters(&heap, &parsed.roots, &mut summary);
            seen.push((model::schema(&heap, parsed.roots[0]), summary.parameters));
        }
        assert_eq!(seen[0], seen[1], "{}", case.name);
        assert_eq!(seen[0].0.class.as_deref(), case.meta["class"].as_str(), "{}", case.name);
        let version = case.meta["versions"]["scikit-learn"].as_str().unwrap().to_owned();
        assert_eq!(seen[0].0.sklearn_versions, [version], "{}", case.name);
    }
    report(&wrong, all.len());
}
