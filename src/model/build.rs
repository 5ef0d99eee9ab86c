//! From values to a model that answers rows.
//!
//! What is handed on: every estimator has passed its checks, each step takes as many features as the one before it gives,
//! and the whole is not larger than the file can account for.

use super::answer::{Answer, Data};
use super::error::{BuildError, Fault, RunError, StructureFault};
use super::forest::Forest;
use super::linear::LinearRegression;
use super::logistic::LogisticRegression;
use super::matrix::Matrix;
use super::needs;
use super::pipeline::flatten;
use super::rows::Rows;
use super::scaler::StandardScaler;
use super::schema::class;
use super::state::{Flaw, State, Work};
use super::structure::{array_class, width};
use super::table::{Class, Family, class_of};
use super::tree::Tree;
use crate::graph::{ArrayData, BlobId, Heap, Object, Value, View};
use crate::model::Method;
use std::collections::HashSet;

/// What a model may take of memory: in proportion to what the file holds, however often it uses the same part.
#[derive(Debug)]
pub(super) struct Allowance {
    steps: u64,
    met: HashSet<BlobId>,
    distinct: u64,
    total: u64,
}

/// Bytes that parts of a file may be used again without being counted.
const SHARED: u64 = 64 << 20;

impl Allowance {
    fn new(heap: &Heap) -> Allowance {
        let objects = heap.objects().count() as u64;
        let steps = objects.saturating_mul(4).saturating_add(100_000);
        Allowance { steps, met: HashSet::new(), distinct: 0, total: 0 }
    }

    /// Pays for one estimator or step.
    pub fn step(&mut self) -> Result<(), Fault> {
        self.steps = self.steps.checked_sub(1).ok_or(Fault::Entangled)?;
        Ok(())
    }

    /// Pays for the arrays that an estimator keeps.
    pub fn arrays(&mut self, state: &State<'_>, attributes: &[&str]) -> Result<(), Fault> {
        for attribute in attributes {
            let Some(View::Array(array)) = state.view(attribute) else { continue };
            let ArrayData::Blob(id) = array.data else { continue };
            let len = state.heap.blob(id).map_or(0, |blob| blob.len);
            self.total = self.total.saturating_add(len);
            if self.met.insert(id) {
                self.distinct = self.distinct.saturating_add(len);
            }
            if self.total > self.distinct.saturating_mul(4).saturating_add(SHARED) {
                return Err(Fault::Entangled);
            }
        }
        Ok(())
    }
}

/// A typed estimator.
#[derive(Debug, Clone)]
enum Estimator {
    Tree(Tree),
    Forest(Forest),
    LinearRegression(LinearRegression),
    LogisticRegression(LogisticRegression),
    StandardScaler(StandardScaler),
    /// Rows pass as they are.
    Passthrough,
}

/// An estimator, and what is said about it.
#[derive(Debug, Clone)]
struct Step {
    estimator: Estimator,
    /// Its class, and the version that saved it.
    who: String,
    width: Option<u64>,
}

/// A model that answers rows.
#[derive(Debug, Clone)]
pub struct Model {
    class: String,
    /// Transformers, in order.
    before: Vec<Step>,
    last: Step,
    width: Option<u64>,
    names: Option<Vec<String>>,
}

impl Model {
    /// Builds the model that a value is. The arrays' bytes must have been kept.
    pub fn build(heap: &Heap, value: Value) -> Result<Model, BuildError> {
        let View::Object(_, top) = heap.view(value) else {
            return Err(BuildError::NotTyped { class: heap.view(value).kind().to_owned(), place: String::new() });
        };
        if let Some(class) = array_class(heap) {
            let what = format!("an array in it may be a {class}, whose answers are of another shape");
            return Err(BuildError::Unsupported { what, place: String::new() });
        }
        let work = Work::new(heap);
        let mut allowance = Allowance::new(heap);
        let parts = flatten(heap, top, &work, &mut allowance)?;
        let mut steps: Vec<Step> = Vec::new();
        let mut names = None;
        for (place, object) in parts {
            let wrong = |flaw| placed(flaw, &place, heap, object);
            let Some(object) = object else {
                steps.push(Step { estimator: Estimator::Passthrough, who: "passthrough".to_owned(), width: None });
                continue;
            };
            let (step, own) = build(heap, object, &place, &work, &mut allowance)?;
            let gives = steps.iter().rev().find_map(|before| before.width);
            if let (Some(found), Some(wanted)) = (step.width, gives.filter(|wanted| Some(*wanted) != step.width)) {
                let found = i64::try_from(found).unwrap_or(i64::MAX);
                let fault = Fault::Differs { attribute: "n_features_in_", found, other: "the step before it", wanted };
                return Err(wrong(fault.into()));
            }
            if gives.is_none() {
                names = own;
            }
            steps.push(step);
        }
        let passes = |step: &Step| matches!(step.estimator, Estimator::Passthrough | Estimator::StandardScaler(_));
        let last = steps.pop().ok_or_else(|| placed(Fault::Empty("steps").into(), "", heap, Some(top)))?;
        if let Some(step) = steps.iter().find(|step| !passes(step)) {
            let what = format!("{} stands before the last step and can not transform rows", step.who);
            return Err(BuildError::Unsupported { what, place: String::new() });
        }
        let width = steps.iter().chain([&last]).find_map(|step| step.width);
        Ok(Model { class: class(heap, top), before: steps, last, width, names })
    }

    /// `module.qualname` of the model.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// Number of features that a row must have, if the model says so.
    pub fn features(&self) -> Option<u64> {
        self.width
    }

    /// The methods that the model has.
    pub fn methods(&self) -> &'static [Method] {
        match &self.last.estimator {
            Estimator::Tree(tree) => tree.methods(),
            Estimator::Forest(forest) => forest.methods(),
            Estimator::LinearRegression(_) => &[Method::Predict],
            Estimator::LogisticRegression(_) => &[Method::Predict, Method::PredictProba, Method::DecisionFunction],
            Estimator::StandardScaler(_) | Estimator::Passthrough => &[Method::Transform],
        }
    }

    /// Answers every row.
    pub fn run(&self, method: Method, rows: &Rows) -> Result<Answer, RunError> {
        if !self.methods().contains(&method) {
            let has = self.methods().to_vec();
            return Err(RunError::NoMethod { class: self.class.clone(), method, has });
        }
        let aligned = rows.aligned(self.names.as_deref(), self.width)?;
        let mut rows = std::borrow::Cow::Borrowed(aligned.as_ref());
        for step in &self.before {
            if let Estimator::StandardScaler(scaler) = &step.estimator {
                rows = std::borrow::Cow::Owned(scaler.transform(&rows, &step.who)?);
            }
        }
        let who = &self.last.who;
        match &self.last.estimator {
            Estimator::Tree(tree) => tree.run(method, &rows, who),
            Estimator::Forest(forest) => forest.run(method, &rows, who),
            Estimator::LinearRegression(linear) => linear.run(method, &rows, who),
            Estimator::LogisticRegression(logistic) => logistic.run(method, &rows, who),
            Estimator::StandardScaler(scaler) => Ok(self.transformed(scaler.transform(&rows, who)?)),
            Estimator::Passthrough => Ok(self.transformed(rows.into_owned())),
        }
    }

    fn transformed(&self, matrix: Matrix) -> Answer {
        let names = match &self.names {
            Some(names) if names.len() == matrix.columns() => names.clone(),
            _ => (0..matrix.columns()).map(|index| format!("x{index}")).collect(),
        };
        Answer { method: Method::Transform, data: Data::Matrix(matrix, names) }
    }
}

type Built = (Step, Option<Vec<String>>);

fn build(
    heap: &Heap,
    object: &Object,
    place: &str,
    work: &Work,
    allowance: &mut Allowance,
) -> Result<Built, BuildError> {
    let wrong = |flaw| placed(flaw, place, heap, Some(object));
    let typed = heap.get_name(object.name).and_then(class_of);
    let Some(typed) = typed else {
        return Err(BuildError::NotTyped { class: shown(heap, object), place: place.to_owned() });
    };
    let state = State::of(heap, object, work).map_err(|fault| wrong(fault.into()))?;
    let estimator = estimator(&state, typed, allowance).map_err(wrong)?;
    needs::refuse(&state, typed).map_err(wrong)?;
    let Some(estimator) = estimator else {
        return Err(BuildError::NotFitted { class: shown(heap, object), place: place.to_owned() });
    };
    let who = match state.text("_sklearn_version") {
        Some(version) => format!("{} of scikit-learn {}", typed.qualname, crate::reason::escape(version)),
        None => typed.qualname.to_owned(),
    };
    let names = state.get("feature_names_in_").and_then(|value| super::schema::names(heap, value));
    Ok((Step { estimator, who, width: width(&state, typed).map_err(wrong)? }, names))
}

fn estimator(state: &State<'_>, class: &Class, allowance: &mut Allowance) -> Result<Option<Estimator>, Flaw> {
    allowance.arrays(state, &["coef_", "intercept_", "mean_", "scale_"])?;
    Ok(match class.family {
        Family::Tree(target) => Tree::build(state, class, target, allowance)?.map(Estimator::Tree),
        Family::Forest(target, member) => Forest::build(state, target, member, allowance)?.map(Estimator::Forest),
        Family::LinearRegression => LinearRegression::build(state)?.map(Estimator::LinearRegression),
        Family::LogisticRegression => LogisticRegression::build(state)?.map(Estimator::LogisticRegression),
        Family::StandardScaler => StandardScaler::build(state)?.map(Estimator::StandardScaler),
        // Pipelines were taken apart before.
        Family::Pipeline => None,
    })
}

/// The class of an object, to be shown.
pub(super) fn shown(heap: &Heap, object: &Object) -> String {
    crate::reason::escape(&class(heap, object))
}

/// The error that a flaw in the estimator at `place` becomes.
pub(super) fn placed(mut flaw: Flaw, place: &str, heap: &Heap, object: Option<&Object>) -> BuildError {
    let mut place = place.to_owned();
    loop {
        match flaw {
            Flaw::Inside(part, inner) => {
                if !place.is_empty() {
                    place.push('.');
                }
                place.push_str(&part);
                flaw = *inner;
            }
            Flaw::Fault(fault) => return StructureFault { place, fault }.into(),
            Flaw::Unknown(what) => {
                let class = object.map(|object| shown(heap, object)).unwrap_or_default();
                return BuildError::Unsupported { what: format!("{class}: {what}"), place };
            }
        }
    }
}
