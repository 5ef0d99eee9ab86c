//! Classes of other libraries, in named sets: boosters, whose models are bytes or text that their libraries read; compiled parts
//! of statsmodels, and its data, which evaluates a formula; a model that becomes a temporary file.

use super::super::scene::{Functions, Misuse, Scene};
use super::super::shape::{Built, Made, Shape};
use super::estimator::{self, Known, attributes};
use super::form::{Form, arguments_of, state_of};
use super::{arguments, opaque, plain};
use crate::graph::{ObjectId, Value, View};

const BOOSTER: &str =
    "an honest file gives it its model as bytes, the names and types of its columns, and its best iteration";
const NAMES: Form = Form::Either(&[Form::None, Form::Many(&Form::Text)]);

/// The state of xgboost's `Booster` (`xgboost/core.py`).
pub fn booster(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const COUNT: Form = Form::Either(&[Form::None, Form::Whole, Form::Float, Form::Text]);
    const KEYS: &[(&str, Form)] = &[
        ("handle", Form::Data),
        ("feature_names", NAMES),
        ("feature_types", NAMES),
        ("best_iteration", COUNT),
        ("best_score", COUNT),
        ("best_ntree_limit", COUNT),
        ("booster", Form::Either(&[Form::None, Form::Text])),
    ];
    state_of(scene, state, KEYS, BOOSTER)?;
    let handle = scene.heap.lookup(state, "handle").map(|handle| scene.heap.view(handle));
    if !matches!(handle, Some(View::None | View::ByteArray(_))) {
        return Err(Misuse::act("its model is no bytearray", BOOSTER));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const TEXT: &str = "an honest file gives it its model as text, and data beside it";

/// The state of lightgbm's `Booster` (`lightgbm/basic.py`): no functions, and its model is text.
pub fn text_booster(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    for key in ["handle", "_handle"] {
        let model = scene.heap.lookup(state, key).map(|model| scene.heap.view(model));
        // By None it would have no model, and ask its library for what is at no address.
        if !matches!(model, None | Some(View::Text(_))) {
            return Err(Misuse::act("its model is no text", TEXT));
        }
    }
    attributes(scene, state, Known::Open, Functions::Refused)
}

const MODEL: &str = "an honest file gives it its model as bytes, and its parameters";

/// The state of catboost's models (`catboost/core.py`): `__model` is what catboost reads, the rest are parameters.
pub fn bytes_model(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let model = scene.heap.lookup(state, "__model").map(|model| scene.heap.view(model));
    if !matches!(model, None | Some(View::Bytes(_))) {
        return Err(Misuse::act("its model is no bytes", MODEL));
    }
    attributes(scene, state, Known::Opaque(&["__model"]), Functions::Refused)
}

const FORMULA: &str =
    "an honest file gives it arrays and names; a model made by a formula is saved with remove_data=True or as arrays";
/// What makes statsmodels evaluate the formula of a state, which is Python.
const EVALUATES: &[&str] = &["restore_design_info", "restore_model_spec"];

/// The state of statsmodels' data (`statsmodels/base/data.py`, `ModelData.__setstate__`).
pub fn formula_data(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    if EVALUATES.iter().any(|key| scene.heap.lookup(state, key).is_some()) {
        return Err(Misuse::act("its state has statsmodels evaluate a formula, which can run any code", FORMULA));
    }
    opaque::state(scene, object, state)
}

/// Whether statsmodels gives what an attribute of this name holds to patsy or formulaic, which evaluate a text there.
pub fn is_evaluated(name: &str) -> bool {
    // Searches take a while to begin, and most names are shorter.
    const SHORTEST: usize = "model_spec".len();
    name.len() >= SHORTEST && (name.contains("design_info") || name.contains("model_spec"))
}

const OWN: &str = "an honest file gives it numbers, texts and objects of its library";

/// Refuses what an attribute of a set's class may not hold, for its methods call it, or call what it has: a class of arrays, which makes
/// pointers of bytes, and a path, whose methods have names of columns. A model that is a file becomes a temporary one.
pub fn check_attribute(scene: &Scene<'_>, set: &str, name: &str, value: Value) -> Result<(), Misuse> {
    let shape = match scene.heap.view(value) {
        View::Name(..) => scene.shape_of(value).map(|(_, shape)| shape),
        View::Object(_, object) => scene.roles.shape(object.name),
        View::None => return Ok(()),
        _ => None,
    };
    let model = set == "sklearn-crfsuite" && name == "modelfile";
    let wrong = match shape {
        _ if model => shape != Some(Shape::FileResource),
        Some(Shape::ArrayClass) => matches!(scene.heap.view(value), View::Name(..)),
        Some(Shape::Path) => set == "statsmodels",
        _ => false,
    };
    if wrong { Err(Misuse::act(format!("its {name} is something else than its class has there"), OWN)) } else { Ok(()) }
}

const LINKED: &str = "an honest file has an object of statsmodels there";
/// Attributes by which results of statsmodels come to a model, and a model to its data, and there to what they evaluate.
const LINKS: &[&str] = &["_results", "model", "data"];

/// Refuses a link to an object that has attributes by other ways than a state that was looked at: a namespace, a dict whose keys are
/// attributes, a series whose labels are.
pub fn check_links(scene: &Scene<'_>, state: Value) -> Result<(), Misuse> {
    for link in LINKS {
        let Some(View::Object(_, object)) = scene.heap.lookup(state, link).map(|value| scene.heap.view(value)) else {
            continue;
        };
        let own = match scene.roles.shape(object.name) {
            Some(Shape::Member | Shape::Arima | Shape::Statespace | Shape::FormulaData | Shape::Opaque) | None => true,
            // Of a table of a table it would ask for a column, and of that for a row.
            Some(Shape::Table) => {
                *link == "data" && scene.heap.get_name(object.name).is_some_and(|name| name.qualname == "DataFrame")
            }
            _ => false,
        };
        if !own {
            return Err(Misuse::act(format!("its {link} is an object of something else"), LINKED));
        }
    }
    Ok(())
}

const STATESPACE: &str = "an honest file calls it with its model or arrays, then numbers, and gives it more of them";
const PART: Form = Form::Either(&[
    Form::None,
    Form::Bool,
    Form::Whole,
    Form::Float,
    Form::Array,
    Form::Object(&[Shape::Statespace, Shape::Complex, Shape::ArrayBuffer]),
]);

const ARRAY: Form = Form::Either(&[Form::Array, Form::Object(&[Shape::ArrayBuffer])]);
const NUMBER: Form = Form::Either(&[Form::Bool, Form::Whole, Form::Float, Form::Object(&[Shape::Complex])]);

/// `dKalmanFilter(model, …)` (`statsmodels/tsa/statespace`). Cython takes None for any of its own classes and for any array, and
/// then follows a pointer that is none: so what comes first is exactly what the class begins with.
pub fn statespace(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let wrong = || Misuse::act("it is called with something else", STATESPACE);
    let args: Vec<Value> = scene.heap.as_tuple(args).filter(|args| args.len() <= MOST).ok_or_else(wrong)?.collect();
    let class = scene.heap.get_name(scene.name).map(|name| name.qualname.clone()).unwrap_or_default();
    let (precision, class) = class.split_at_checked(1).unwrap_or_default();
    let (made_of, arrays): (&[&str], usize) = match class {
        "Statespace" => (&[], 8),
        "Initialization" => (&[], 2),
        "KalmanSmoother" => (&["Statespace", "KalmanFilter"], 0),
        _ => (&["Statespace"], 0),
    };
    // Only an initialization begins with a number: of states.
    let mut args = args.into_iter();
    if class == "Initialization" && args.next().is_none_or(|count| scene.heap.view(count).int().is_none()) {
        return Err(wrong());
    }
    for part in made_of {
        let object = args.next().and_then(|value| scene.heap.as_object(value)).map(|(_, object)| object.name);
        let shape = object.and_then(|name| scene.roles.shape(name));
        let name = object.and_then(|name| scene.heap.get_name(name));
        let same = name.is_some_and(|name| name.qualname.strip_prefix(precision) == Some(*part));
        if shape != Some(Shape::Statespace) || !same {
            return Err(wrong());
        }
    }
    for _ in 0..arrays {
        let array = args.next().ok_or_else(wrong)?;
        if !ARRAY.fits(scene, array)? {
            return Err(wrong());
        }
    }
    for number in args {
        if !NUMBER.fits(scene, number)? {
            return Err(wrong());
        }
    }
    Ok(Made::Object(scene.name))
}

/// More parts than any of them has.
const MOST: usize = 1000;

/// Its state: arrays and numbers by name.
pub fn statespace_state(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    let pairs = scene.heap.as_dict(state).filter(|pairs| pairs.len() <= MOST);
    let Some(pairs) = pairs else { return Err(Misuse::act("its state is no dict of a few hundred parts", STATESPACE)) };
    let values: Vec<Value> = pairs.map(|(_, value)| value).collect();
    for value in values {
        if !PART.fits(scene, value)? {
            return Err(Misuse::act("its state holds something else", STATESPACE));
        }
    }
    attributes(scene, state, Known::Open, Functions::Refused)
}

const ARIMA: &str = "an honest file makes it of its series, three small numbers, and its dates";
const MISSING: &[&str] = &["none", "drop", "raise"];

/// `ARIMA.__new__(cls, endog, (p, d, q), exog, dates, freq, missing)` (`statsmodels/tsa/arima_model.py`, 0.8 to 0.12), which initializes it.
pub fn arima(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    const LAGS: Form = Form::Whole;
    const ORDER: Form = Form::Tuple(&[LAGS, Form::One(&[0, 1, 2]), LAGS]);
    const DATES: Form = Form::Either(&[Form::None, Form::Array, Form::Object(&[Shape::Index])]);
    const FREQ: Form = Form::Either(&[Form::None, Form::Text, Form::Object(&[Shape::Offset])]);
    const PARTS: &[Form] =
        &[Form::Array, ORDER, Form::Either(&[Form::None, Form::Array]), DATES, FREQ, Form::Word(MISSING)];
    arguments_of(scene, args, &[PARTS], ARIMA)?;
    let order = scene.heap.as_tuple(args).and_then(|args| scene.heap.as_tuple(args.at(1)?)?.exactly::<3>());
    let small = |number: Value| scene.heap.view(number).int().is_some_and(|number| (0..=1000).contains(&number));
    if !order.is_some_and(|[p, _, q]| small(p) && small(q)) {
        return Err(Misuse::act("it looks back further than any series", ARIMA));
    }
    // It computes with them as it is made: objects would be asked to add and subtract themselves.
    let series = scene.heap.as_tuple(args).and_then(|args| args.exactly::<6>());
    let dtype = |value: Value| scene.heap.as_array(value).and_then(|array| scene.heap.get_dtype(array.dtype));
    let objects = |value: Value| dtype(value).is_some_and(|dtype| dtype.objects);
    if series.is_some_and(|[series, _, others, ..]| objects(series) || objects(others)) {
        return Err(Misuse::act("its series is one of objects", ARIMA));
    }
    scene.settle(args, Functions::Refused)?;
    Ok(Made::Object(scene.name))
}

const MEMBER: &str = "an honest file calls it with one whole number or text, the value of a member";

/// Those of `re`, `TEMPLATE` and `DEBUG` among them.
const FLAGS: std::ops::RangeInclusive<i64> = 0..=511;
/// What it takes to look one up, in values read.
const LOOKED_UP: u64 = 100;

/// `TrialState(1)`: a member of an enumeration by its value (`enum.py`, `EnumType.__call__`), which looks it up and makes nothing.
pub fn enumeration(scene: &mut Scene<'_>, args: Value) -> Result<Made, Misuse> {
    let [value] = arguments(scene, args, MEMBER)?;
    let plain = scene.heap.as_object(value).is_none();
    if !plain || !matches!(scene.heap.view(value), View::Int(_) | View::Text(_)) {
        return Err(Misuse::act("it is called with something else", MEMBER));
    }
    // Each other number makes a member that stays.
    let known = scene.heap.view(value).int().is_none_or(|flags| FLAGS.contains(&flags));
    if plain::class(scene) == "RegexFlag" && !known {
        return Err(Misuse::act("its flags are none of a pattern's", MEMBER));
    }
    scene.budget.values(LOOKED_UP)?;
    Ok(Made::Found(scene.name))
}

const RESOURCE: &str = "an honest file gives it a model as bytes and no name of a file, for it makes a temporary one";

/// The state of sklearn-crfsuite's `FileResource` (`sklearn_crfsuite/_fileresource.py`): it writes the model into a new file whose name has
/// this prefix and suffix, and takes the file of its name away in the end. With others it would write and remove files anywhere.
pub fn file_resource(scene: &mut Scene<'_>, state: Value) -> Result<Built, Misuse> {
    const KEYS: &[(&str, Form)] = &[
        ("name", Form::None),
        ("auto", Form::Bool),
        ("keep_tempfiles", Form::Either(&[Form::None, Form::Bool])),
        ("suffix", Form::Word(&[".crfsuite"])),
        ("prefix", Form::Word(&["model"])),
        ("fd", Form::Whole),
        ("__FILE_RESOURCE_DATA__", Form::Data),
    ];
    state_of(scene, state, KEYS, RESOURCE)?;
    let has = |key: &str| scene.heap.lookup(state, key).map(|value| scene.heap.view(value));
    let all = ["name", "auto", "keep_tempfiles", "suffix", "prefix"].iter().all(|key| has(key).is_some());
    let auto = matches!(has("auto"), Some(View::Bool(true)));
    let model = match has("__FILE_RESOURCE_DATA__") {
        None => true,
        Some(View::Bytes(model)) => {
            // Each of many objects that share one model writes it once more.
            let written = scene.heap.blob(model).map_or(0, |model| model.len);
            scene.budget.memory(written)?;
            true
        }
        Some(_) => false,
    };
    if !all || !model || !auto {
        return Err(Misuse::act("its state is something else", RESOURCE));
    }
    scene.settle(state, Functions::Refused)?;
    Ok(Built::State)
}

const MAPPER: &str = "an honest file gives each of its features two or three parts: columns, transformers and options";

/// The state of sklearn-pandas' `DataFrameMapper` (`sklearn_pandas/dataframe_mapper.py`, `_build_feature`): its `__setstate__` *calls* the
/// first part of a feature with the fourth.
pub fn mapper(scene: &mut Scene<'_>, object: ObjectId, state: Value) -> Result<Built, Misuse> {
    let wrong = |what: &'static str| Misuse::act(what, MAPPER);
    let features = scene.heap.lookup(state, "features").ok_or_else(|| wrong("its state has no features"))?;
    let features = scene.heap.as_items(features).ok_or_else(|| wrong("its features are no list"))?;
    scene.budget.values(features.len() as u64)?;
    for feature in features {
        let parts = scene.heap.as_items(feature).ok_or_else(|| wrong("a feature is no tuple"))?;
        if !matches!(parts.len(), 2 | 3) {
            return Err(wrong("a feature has another number of parts"));
        }
    }
    estimator::state(scene, object, state)
}
