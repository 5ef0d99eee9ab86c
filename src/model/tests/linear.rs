//! Linear models and scalers.

use super::*;

#[test]
fn linear_models_must_agree_on_their_shapes() {
    let mut sample = Sample::default();
    let class = "sklearn.linear_model._base.LinearRegression";
    let state = [("coef_", sample.floats(&[2], &[2.0, -1.0])), ("intercept_", sample.float(0.5))];
    let root = sample.estimator(class, &state);
    let model = Model::build(&sample.heap, root).unwrap();
    let Data::Numbers(found) = model.run(Method::Predict, &rows(&[3.0, 1.0], 2)).unwrap().data else { panic!() };
    assert_eq!(found.values, [5.5]);
    let error = model.run(Method::Predict, &rows(&[3.0, f64::NAN], 2)).unwrap_err().to_string();
    assert_eq!(
        error,
        "row 1, column 2 is missing (NaN), and LinearRegression of scikit-learn 1.2.2 takes no missing values"
    );
    let error = model.run(Method::Predict, &rows(&[3.0], 1)).unwrap_err().to_string();
    assert_eq!(error, "the model takes 2 features, row 1 has 1");

    let state = [("coef_", sample.floats(&[2, 2], &[0.0; 4])), ("intercept_", sample.floats(&[3], &[0.0; 3]))];
    let root = sample.estimator(class, &state);
    assert_eq!(fault(&sample, root), ": intercept_ has the shape (3,), not (2,)");
    let mut sample = Sample::default();
    let state = [("coef_", sample.floats(&[2], &[0.0; 2])), ("intercept_", sample.float(0.0))];
    let state = [state[0], state[1], ("n_features_in_", sample.int(4))];
    let root = sample.estimator(class, &state);
    assert_eq!(fault(&sample, root), ": n_features_in_ is 4, and coef_ says 2");
}

#[test]
fn a_logistic_regression_tells_two_classes_apart() {
    let mut sample = Sample::default();
    let root = sample.logistic("1.2.2", 1, &[]);
    assert_eq!(fault(&sample, root), ": classes_ has the shape (1,), not (2,)");
    let mut sample = Sample::default();
    let root = sample.logistic("1.2.2", 2, &[]);
    assert_eq!(check(&sample.heap, &[root]), Structure::Typed);
}

#[test]
fn logistic_regression_follows_the_version_that_saved_it() {
    let row = [0.5, -0.25];
    let answer = |version: &str, classes, parameters: &[(&str, &str)]| {
        let mut sample = Sample::default();
        let root = sample.logistic(version, classes, parameters);
        probabilities(&sample, root, &row)
    };
    let softmax = answer("1.8.0", 3, &[]);
    let one_by_one = answer("1.2.2", 3, &[("multi_class", "ovr")]);
    let logistic = answer("1.8.0", 2, &[]);
    let two = answer("1.2.2", 2, &[("multi_class", "multinomial")]);
    assert!(softmax != one_by_one && logistic != two);
    for (version, classes, parameters, wanted) in [
        ("0.19.2", 3, &[("multi_class", "ovr")][..], &one_by_one),
        ("0.19.2", 2, &[("multi_class", "multinomial")], &logistic),
        ("0.22.0", 3, &[("multi_class", "warn")], &one_by_one),
        ("0.24.2", 3, &[("multi_class", "auto"), ("solver", "lbfgs")], &softmax),
        ("0.24.2", 3, &[("multi_class", "auto"), ("solver", "liblinear")], &one_by_one),
        ("0.24.2", 2, &[("multi_class", "multinomial")], &two),
        ("1.4.2", 3, &[("multi_class", "auto"), ("solver", "newton-cholesky")], &one_by_one),
        ("1.5.2", 3, &[("multi_class", "deprecated"), ("solver", "newton-cholesky")], &one_by_one),
        ("1.6.1", 3, &[("multi_class", "deprecated"), ("solver", "newton-cholesky")], &softmax),
        ("1.6.1", 3, &[("multi_class", "deprecated"), ("solver", "liblinear")], &one_by_one),
        ("1.6.1", 2, &[("multi_class", "deprecated")], &logistic),
        ("1.7.2", 2, &[("multi_class", "multinomial")], &two),
        ("1.8.0", 3, &[("multi_class", "ovr"), ("solver", "liblinear")], &softmax),
    ] {
        assert_eq!(answer(version, classes, parameters), *wanted, "{version} {parameters:?}");
    }
    // By 1.4, which does not write that, it is softmax; by 1.6, which does, it is a logistic function.
    let mut sample = Sample::default();
    let root = sample.logistic("1.4.2", 2, &[("multi_class", "deprecated")]);
    let Err(BuildError::Unsupported { what, .. }) = Model::build(&sample.heap, root) else { panic!("it is answered") };
    assert!(what.ends_with("its multi_class is one that its version of scikit-learn has not"), "{what}");
    let mut sample = Sample::default();
    let state = [("coef_", sample.floats(&[3, 1], &[0.0; 3])), ("intercept_", sample.floats(&[3], &[0.0; 3]))];
    let state = [state[0], state[1], ("classes_", sample.ints(&[0, 1, 2, 3]))];
    let root = sample.estimator("sklearn.linear_model.logistic.LogisticRegression", &state);
    assert_eq!(fault(&sample, root), ": coef_ has the shape (3, 1), not (4, 1)");
}

#[test]
fn a_logistic_regression_without_classes_is_one_of_before_0_16_or_wrong() {
    let logistic = "sklearn.linear_model._logistic.LogisticRegression";
    for (extra, wrong) in [("raw_coef_", false), ("sparse", true)] {
        let mut sample = Sample::default();
        let one = sample.floats(&[1, 2], &[1.0; 2]);
        let state = [("coef_", one), ("intercept_", sample.floats(&[1], &[0.5])), (extra, one)];
        let root = sample.estimator_of("0.15.2", logistic, &state);
        match check(&sample.heap, &[root]) {
            Structure::Shapes { because } => assert!(!wrong && because.contains("before 0.16"), "{because}"),
            _ => assert!(wrong && fault(&sample, root).contains("classes_ is missing")),
        }
    }
}

#[test]
fn scalers_keep_float32_and_their_arrays_must_have_one_length() {
    let mut sample = Sample::default();
    let class = "sklearn.preprocessing._data.StandardScaler";
    let arrays = [("mean_", sample.floats(&[1], &[0.1])), ("scale_", sample.floats(&[1], &[0.3]))];
    for (version, wanted) in [("1.2.2", (1.1f32 - 0.1) / 0.3), ("1.8.0", (1.1f32 - 0.1f32) / 0.3f32)] {
        let root = sample.estimator_of(version, class, &arrays);
        let model = Model::build(&sample.heap, root).unwrap();
        let single = Matrix::new(vec![f64::from(1.1f32)], 1).unwrap().of_singles();
        let rows = Rows::numbers(single, None).unwrap();
        let Data::Matrix(found, names) = model.run(Method::Transform, &rows).unwrap().data else { panic!() };
        assert!(found.is_single() && names == ["x0"]);
        assert!((found.values()[0] as f32 - wanted).abs() <= f32::EPSILON * 4.0);
    }
    let wrong = [("mean_", sample.floats(&[2], &[0.0; 2])), arrays[1]];
    let root = sample.estimator(class, &wrong);
    assert_eq!(fault(&sample, root), ": scale_ has the shape (1,), not (2,)");
    let none = [("with_mean", Value::bool(false)), ("with_std", Value::bool(false)), ("scale_", Value::NONE)];
    let root = sample.estimator(class, &none);
    let model = Model::build(&sample.heap, root).unwrap();
    let Data::Matrix(found, _) = model.run(Method::Transform, &rows(&[7.0], 1)).unwrap().data else { panic!() };
    assert_eq!(found.values(), [7.0]);
    let none = [("scale_", Value::NONE), ("mean_", Value::NONE)];
    let root = sample.estimator(class, &none);
    let Err(BuildError::Structure(found)) = Model::build(&sample.heap, root) else { panic!("accepted") };
    assert_eq!(found.to_string(), "mean_ is None, not an array");
}
