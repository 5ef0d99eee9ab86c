//! Members that are shared, and how often they are gone through.

use super::*;

const SUM: &str = "sklearn.gaussian_process.kernels.Sum";

/// Sums of kernels, each of the one below twice.
fn sums(sample: &mut Sample, levels: usize) -> Value {
    let mut inner = sample.estimator("sklearn.gaussian_process.kernels.RBF", &[]);
    for _ in 0..levels {
        inner = sample.estimator(SUM, &[("k1", inner), ("k2", inner)]);
    }
    inner
}

/// Regressors that vote, each so often.
fn voting(sample: &mut Sample, member: Value, often: usize) -> Value {
    let members = sample.list(&vec![member; often]);
    sample.estimator("sklearn.ensemble._voting.VotingRegressor", &[("estimators_", members)])
}

fn is_entangled(sample: &Sample, root: Value) -> Option<String> {
    match check(&sample.heap, &[root]) {
        Structure::Faults { first, .. } if first[0].fault == Fault::Entangled => Some(first[0].place.clone()),
        Structure::Shapes { .. } => None,
        found => panic!("{found:?}"),
    }
}

#[test]
fn members_that_share_members_are_not_gone_through_far_more_often_than_there_are() {
    for (levels, wanted) in [(4, None), (12, None), (40, Some("kernel_.k1.k1.k1"))] {
        let mut sample = Sample::default();
        let kernel = sums(&mut sample, levels);
        let root = sample.estimator("sklearn.gaussian_process._gpr.GaussianProcessRegressor", &[("kernel_", kernel)]);
        let found = is_entangled(&sample, root);
        assert_eq!(found.is_some(), wanted.is_some(), "{levels}: {found:?}");
        assert!(found.is_none_or(|found| found.starts_with(wanted.unwrap_or_default())));
    }
    // Lists do the same with few members.
    for (often, wanted) in [(20, false), (200, true)] {
        let mut sample = Sample::default();
        let member = sample.scaler(1);
        let inner = voting(&mut sample, member, often);
        let root = voting(&mut sample, inner, often);
        assert_eq!(is_entangled(&sample, root).is_some(), wanted, "{often}");
    }
}

#[test]
fn one_model_in_many_places_of_a_file_is_one_model() {
    let mut sample = Sample::default();
    let member = sample.scaler(1);
    let model = voting(&mut sample, member, 300);
    let results: Vec<Value> = (0..1000).map(|_| sample.dict(&[("best", model)])).collect();
    let root = sample.list(&results);
    assert_eq!(is_entangled(&sample, root), None);
    // Nor does it matter what is no member: the nodes of a tree that lead to the next one.
    let mut next = Value::NONE;
    let mut nodes = Vec::new();
    for _ in 0..1000 {
        next = sample.estimator("sklearn.cluster._birch._CFNode", &[("next_leaf_", next)]);
        nodes.push(next);
    }
    let leaves = sample.list(&nodes);
    let root = sample.estimator("sklearn.cluster._birch.Birch", &[("leaves", leaves), ("m", model)]);
    assert!(
        !matches!(check(&sample.heap, &[root]), Structure::Faults { first, .. } if first[0].fault == Fault::Entangled)
    );
}

#[test]
fn what_holds_itself_comes_to_an_end() {
    let mut sample = Sample::default();
    let (member, members) = (sample.scaler(1), sample.list(&[]));
    let root = sample.estimator("sklearn.ensemble._voting.VotingRegressor", &[("estimators_", members), ("m", member)]);
    let mut budget = crate::bytes::Budget::new(&crate::bytes::Limits::default(), 1 << 20);
    (0..100).for_each(|_| sample.heap.push(members, root, &mut budget).unwrap());
    assert!(is_entangled(&sample, root).is_some());
}

/// What is entered by a way that no library takes, from inside of what it leads to, is no smaller for it.
#[test]
fn members_in_circles_are_entangled() {
    const VOTING: &str = "sklearn.ensemble._voting.VotingRegressor";
    let mut sample = Sample::default();
    let (mut below, mut inner) = (sample.scaler(1), None);
    for _ in 0..14 {
        let members = sample.list(&[]);
        let above = sample.estimator(VOTING, &[("estimators_", members)]);
        let twice = sample.list(&[below, below]);
        let back = inner.unwrap_or(Value::NONE);
        let middle = sample.estimator(VOTING, &[("estimators_", twice), ("a", above), ("b", back)]);
        let mut budget = crate::bytes::Budget::new(&crate::bytes::Limits::default(), 1 << 20);
        (0..2).for_each(|_| sample.heap.push(members, middle, &mut budget).unwrap());
        (below, inner) = (above, Some(middle));
    }
    assert!(is_entangled(&sample, below).is_some());
}

#[test]
fn what_is_printed_and_cloned_is_not_far_larger_than_the_file() {
    for (levels, wanted) in [(10, false), (60, true)] {
        let mut sample = Sample::default();
        let mut lists = sample.list(&[Value::NONE]);
        for _ in 0..levels {
            lists = sample.list(&[lists, lists]);
        }
        let root = sample.estimator("sklearn.svm._classes.SVC", &[("class_weight", lists)]);
        assert_eq!(is_entangled(&sample, root).is_some(), wanted, "{levels}");
    }
}

#[test]
fn candidates_of_a_search_share_the_estimators_of_its_grid() {
    let mut sample = Sample::default();
    let member = sample.scaler(1);
    let candidate = voting(&mut sample, member, 300);
    let candidates = sample.list(&vec![candidate; 1000]);
    for (attribute, wanted) in [("cv_results_", false), ("grid_scores_", false), ("estimators_", true)] {
        let root = sample.estimator("sklearn.model_selection._search.GridSearchCV", &[(attribute, candidates)]);
        assert_eq!(is_entangled(&sample, root).is_some(), wanted, "{attribute}");
    }
}

#[test]
fn what_says_which_arguments_a_method_asks_for_leads_back_to_its_object() {
    const OF_ALL: &str = "sklearn.utils._metadata_requests.MetadataRequest";
    let mut sample = Sample::default();
    let (requests, member) = (sample.dict(&[]), sample.scaler(1));
    let request = sample.object(OF_ALL, &[], requests);
    let root = voting(&mut sample, member, 2);
    let owner = sample.estimator("sklearn.svm._classes.SVC", &[("_metadata_request", request), ("m", root)]);
    let mut budget = crate::bytes::Budget::new(&crate::bytes::Limits::default(), 1 << 20);
    let key = sample.text("owner");
    for part in [key, owner] {
        sample.heap.push(requests, part, &mut budget).unwrap();
    }
    assert_eq!(is_entangled(&sample, owner), None);
    // So does an object of a class that the user allows, which no library goes through.
    let parts = sample.dict(&[]);
    let trainer = sample.object("trainers.Trainer", &[], parts);
    let model = sample.estimator("sklearn.svm._classes.SVC", &[("callback", trainer), ("m", root)]);
    for part in [sample.text("model"), model] {
        sample.heap.push(parts, part, &mut budget).unwrap();
    }
    assert_eq!(is_entangled(&sample, model), None);
}
