//! Pipelines, and their steps.

use super::*;

#[test]
fn pipelines_are_taken_apart_and_their_steps_must_fit() {
    let mut sample = Sample::default();
    let (scaler, model) = (sample.scaler(2), sample.logistic("1.2.2", 2, &[]));
    let skip = sample.text("passthrough");
    let inner = sample.pipeline(&[("scale", scaler), ("skip", skip)]);
    let root = sample.pipeline(&[("inner", inner), ("none", Value::NONE), ("model", model)]);
    assert_eq!(check(&sample.heap, &[root]), Structure::Typed);
    let built = Model::build(&sample.heap, root).unwrap();
    assert_eq!((built.features(), built.methods().len()), (Some(2), 3));
    let Data::Numbers(scores) = built.run(Method::DecisionFunction, &rows(&[3.0, 9.0], 2)).unwrap().data else {
        panic!()
    };
    assert_eq!(scores.values, [-1.25]);
    let built = Model::build(&sample.heap, inner).unwrap();
    assert_eq!(built.methods(), [Method::Transform]);

    let (narrow, wide) = (sample.scaler(3), sample.logistic("1.2.2", 2, &[]));
    let root = sample.pipeline(&[("scale", narrow), ("model", wide)]);
    let found = fault(&sample, root);
    assert_eq!(found, "steps[1] \"model\": n_features_in_ is 2, and the step before it says 3");

    let number = sample.int(3);
    let root = sample.pipeline(&[("scale", number)]);
    let Err(BuildError::Structure(found)) = Model::build(&sample.heap, root) else { panic!("accepted") };
    assert_eq!(found.to_string(), "steps[0] \"scale\" is an int, not an estimator");
}

#[test]
fn a_pipeline_in_itself_ends() {
    let mut sample = Sample::default();
    let steps = sample.list(&[]);
    let root = sample.estimator("sklearn.pipeline.Pipeline", &[("steps", steps)]);
    let name = sample.text("again");
    let pair = sample.tuple(&[name, root]);
    let mut budget = crate::bytes::Budget::new(&crate::bytes::Limits::default(), 1 << 20);
    sample.heap.push(steps, pair, &mut budget).unwrap();
    sample.heap.push(steps, pair, &mut budget).unwrap();
    let Err(BuildError::Structure(found)) = Model::build(&sample.heap, root) else { panic!("accepted") };
    assert_eq!(found.fault, Fault::Entangled);
    assert_eq!(fault(&sample, root), format!(": {}", Fault::Entangled));
    schema(&sample.heap, root);
}

/// Pipelines inside one another, each of which has the one below it in so many places.
fn nested(sample: &mut Sample, levels: usize, places: usize) -> Value {
    let names: Vec<String> = (0..places).map(|place| format!("s{place}")).collect();
    let mut inner = sample.scaler(1);
    for _ in 0..levels {
        let steps: Vec<(&str, Value)> = names.iter().map(|name| (name.as_str(), inner)).collect();
        inner = sample.pipeline(&steps);
    }
    inner
}

#[test]
fn pipelines_that_share_steps_are_not_far_larger_than_the_file() {
    for (levels, places, wanted) in [(4, 2, None), (99, 1, None), (18, 2, Some(Fault::Entangled))] {
        let mut sample = Sample::default();
        let root = nested(&mut sample, levels, places);
        match (check(&sample.heap, &[root]), wanted) {
            (Structure::Faults { first, .. }, Some(wanted)) => assert_eq!(first[0].fault, wanted),
            (found, wanted) => assert_eq!((found, wanted), (Structure::Typed, None), "{levels} {places}"),
        }
    }
    let mut sample = Sample::default();
    let root = nested(&mut sample, 1001, 1);
    let Structure::Shapes { because } = check(&sample.heap, &[root]) else { panic!("typed") };
    assert_eq!(because, "101 pipelines stand in one another");
    // One scaler in two pipelines of one file is what people save.
    let mut sample = Sample::default();
    let (scaler, one, other) = (sample.scaler(2), sample.logistic("1.2.2", 2, &[]), sample.logistic("1.2.2", 2, &[]));
    let both = [sample.pipeline(&[("s", scaler), ("m", one)]), sample.pipeline(&[("s", scaler), ("m", other)])];
    let root = sample.list(&both);
    assert_eq!(check(&sample.heap, &[root]), Structure::Typed);
}
