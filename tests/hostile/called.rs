//! What a model has called when it is used: methods by names that are texts, what stands where an estimator belongs, and functions with the
//! arguments that are kept for them.

use crate::opcodes::*;

fn stacking() -> Ops {
    global("sklearn.ensemble._stacking", "StackingClassifier")
}

fn search() -> Ops {
    global("sklearn.model_selection._search", "GridSearchCV")
}

fn path() -> Ops {
    call(global("pathlib", "PosixPath"), &[text("evil.txt")])
}

fn table() -> Ops {
    build(new(global("pandas.core.series", "Series")), dict(&[]))
}

fn fitted() -> Ops {
    estimator(global("sklearn.linear_model._logistic", "LogisticRegression"), &[])
}

#[test]
fn a_method_that_is_called_by_its_name_answers_for_rows() {
    let with = |class: Ops, key: &'static str, value: Ops| pickle4(estimator(class, &[(key, value)]));
    let words = "is no method that answers for rows";
    let honest =
        with(stacking(), "stack_method_", list(&[text("predict_proba"), text("decision_function"), NONE.into()]));
    for wrong in ["unlink", "eval", "__setstate__", "set_params", "fit", "tofile", ""] {
        told_apart(&with(stacking(), "stack_method_", list(&[text(wrong)])), "misused-global", words, &honest);
    }
    let chain = || global("sklearn.multioutput", "ClassifierChain");
    for (class, key) in [(stacking(), "stack_method"), (chain(), "chain_method"), (chain(), "chain_method_")] {
        let honest = with(class.clone(), key, text("auto"));
        told_apart(&with(class, key, text("unlink")), "misused-global", words, &honest);
    }
    let threshold = || global("sklearn.model_selection._classification_threshold", "FixedThresholdClassifier");
    let honest = with(threshold(), "response_method", text("auto"));
    told_apart(&with(threshold(), "response_method", text("eval")), "misused-global", words, &honest);
    let scorer = |method: Ops| {
        let state = dict(&[("_sign", int(1)), ("_response_method", method)]);
        pickle4(build(new(global("sklearn.metrics._scorer", "_Scorer")), state))
    };
    let honest = scorer(tuple(&[text("decision_function"), text("predict_proba")]));
    told_apart(&scorer(tuple(&[text("predict"), text("write_text")])), "misused-global", words, &honest);
    told_apart(&scorer(bytes(b"predict")), "misused-global", words, &honest);
    let texts = array_of(&[1], &build(dtype_call("U4"), dtype_state("<", 16, 4, 8)), b"d\0\0\0u\0\0\0m\0\0\0p\0\0\0");
    told_apart(
        &with(stacking(), "stack_method_", texts),
        "misused-global",
        words,
        &with(stacking(), "stack_method_", list(&[])),
    );
}

/// A table's `transform` calls what it is given.
#[test]
fn no_table_and_no_path_stands_where_an_estimator_belongs() {
    for (key, hold) in [
        ("estimators_", (|held| list(&[held])) as fn(Ops) -> Ops),
        ("estimators", |held| list(&[tuple(&[text("a"), held])])),
        ("final_estimator_", |held| held),
        ("best_estimator_", |held| held),
        ("named_estimators_", |held| dict(&[("a", held)])),
        ("steps", |held| list(&[tuple(&[text("a"), held])])),
        ("transformers_", |held| list(&[tuple(&[text("a"), held, list(&[text("column")])])])),
    ] {
        let with = |held: Ops| pickle4(estimator(stacking(), &[(key, hold(held))]));
        for wrong in [path(), table(), array(&[1.0])] {
            told_apart(&with(wrong), "misused-global", &format!("its {key} holds a"), &with(fitted()));
        }
        accepted(&with(text("drop")));
    }
    // Which columns there are may be what a table said.
    let columns = list(&[tuple(&[text("a"), fitted(), table()])]);
    accepted(&pickle4(estimator(stacking(), &[("transformers_", columns)])));
    let nested = list(&[array_of_objects(&[path()])]);
    refused(&pickle4(estimator(stacking(), &[("estimators_", nested)])), "misused-global", "its estimators_ holds a");
}

fn array_of_objects(items: &[Ops]) -> Ops {
    build(empty_array(), array_state(&[items.len() as i32], &dtype_of_objects(), list(items)))
}

/// `joblib.Parallel` before 1.2 evaluates it, whichever way it came to a search.
#[test]
fn no_parameter_that_is_set_later_is_code_for_joblib() {
    const CODE: &str = "__import__('os').system('echo')";
    let words = "joblib before 1.2 would run it";
    let with = |key: &'static str, value: Ops| pickle4(estimator(search(), &[(key, value)]));
    for key in ["g__pre_dispatch", "a__b__pre_dispatch"] {
        told_apart(&with(key, text(CODE)), "misused-global", words, &with(key, text("2*n_jobs")));
    }
    for key in ["param_grid", "param_distributions"] {
        for name in ["pre_dispatch", "g__pre_dispatch"] {
            let grid = |value: &str| dict(&[(name, list(&[int(2), text(value)]))]);
            told_apart(&with(key, grid(CODE)), "misused-global", words, &with(key, grid("all")));
            let several = |value: &str| list(&[dict(&[]), grid(value)]);
            told_apart(&with(key, several(CODE)), "misused-global", words, &with(key, several("all")));
            let array = |value: &str| dict(&[(name, array_of_objects(&[text(value)]))]);
            told_apart(&with(key, array(CODE)), "misused-global", words, &with(key, array("n_jobs")));
        }
    }
    let grid = |name: &str| dict(&[("param_grid", list(&[dict(&[(name, list(&[text("auto")]))])]))]);
    let words = "a search in it would search for names of methods, or for a pre_dispatch";
    told_apart(
        &with("param_grid", grid("x__pre_dispatch")),
        "misused-global",
        words,
        &with("param_grid", grid("x__C")),
    );
    told_apart(&with("param_grid", grid("stack_method")), "misused-global", words, &with("param_grid", grid("C")));
    let methods = |name: &str| dict(&[("stack_method", list(&[text("auto"), text(name)]))]);
    let words = "is no method that answers for rows";
    told_apart(
        &with("param_grid", methods("unlink")),
        "misused-global",
        words,
        &with("param_grid", methods("predict")),
    );
}

#[test]
fn a_function_is_kept_with_plain_arguments() {
    let with = |key: &'static str, value: Ops| {
        pickle4(estimator(function_transformer(), &[("func", global("builtins", "max")), (key, value)]))
    };
    for key in ["kw_args", "inv_kw_args"] {
        let honest = with(key, dict(&[("axis", int(1)), ("columns", list(&[text("a")])), ("b", array(&[1.0]))]));
        for (wrong, words) in [
            (dict(&[("default", int(1))]), "the argument default for a function"),
            (dict(&[("start", tuple(&[]))]), "the argument start for a function"),
            (dict(&[("out", array(&[1.0]))]), "the argument out for a function"),
            (dict(&[("metric", text("mahalanobis")), ("VI", array(&[1.0]))]), "the argument VI for a function"),
            (dict(&[("metric", text("wminkowski")), ("w", array(&[1.0]))]), "the argument w for a function"),
            (dict(&[("a", table())]), "it keeps a pandas.core.series.Series as an argument"),
            (dict(&[("a", list(&[tuple(&[path()])]))]), "it keeps a pathlib.PosixPath as an argument"),
            (dict(&[("a", array_of_objects(&[path()]))]), "it keeps a pathlib.PosixPath as an argument"),
        ] {
            told_apart(&with(key, wrong), "misused-global", words, &honest);
        }
    }
    // A distance that is a function is given them, too.
    let metric = |keywords: Ops| {
        let class = global("sklearn.neighbors._classification", "KNeighborsClassifier");
        pickle4(estimator(class, &[("metric", global("numpy", "add")), ("metric_params", keywords)]))
    };
    let out = metric(dict(&[("out", array(&[1.0]))]));
    told_apart(&out, "misused-global", "the argument out for a function", &metric(dict(&[("p", int(3))])));
    told_apart(&metric(list(&[])), "misused-global", "its metric_params are no dict", &metric(NONE.into()));
    let partial = |keywords: Ops| {
        let function = || global("numpy", "log1p");
        let state = tuple(&[function(), tuple(&[]), keywords, NONE.into()]);
        let made = build(call(global("functools", "partial"), &[function()]), state);
        pickle4(estimator(function_transformer(), &[("func", made)]))
    };
    let honest = partial(dict(&[("a", int(1))]));
    told_apart(&partial(dict(&[("out", array(&[1.0]))])), "misused-global", "the argument out for a function", &honest);
    told_apart(&partial(dict(&[("a", table())])), "misused-global", "as an argument for a function", &honest);
    let sparse = |keywords: Ops| {
        let class = global("scipy.sparse._csr", "csr_matrix");
        pickle4(estimator(function_transformer(), &[("func", class), ("kw_args", keywords)]))
    };
    let shape = dict(&[("shape", tuple(&[int(1), int(2)]))]);
    let words = "it keeps arguments for a class of sparse matrices";
    told_apart(&sparse(shape), "misused-global", words, &sparse(dict(&[("dtype", text("f8"))])));
}

/// Of bytes `ndarray` makes pointers.
#[test]
fn what_is_called_with_rows_makes_plain_values() {
    let with = |func: Ops| pickle4(estimator(function_transformer(), &[("func", func)]));
    let honest = with(global("numpy", "float64"));
    for (module, name) in [("numpy", "ndarray"), ("numpy", "recarray")] {
        let words = "stands where a function without side effects belongs";
        told_apart(&with(global(module, name)), "misused-global", words, &honest);
    }
    let getter = |name: &str| call(global("operator", "attrgetter"), &[text(name)]);
    for name in ["values", "T", "str.lower_", "real", "coef_"] {
        accepted(&with(getter(name)));
    }
    for name in ["eval", "to_pickle", "values.tofile", "str.encode"] {
        told_apart(&with(getter(name)), "misused-global", "asks rows for something else than data", &honest);
        refused(&with(list(&[getter(name)])), "misused-global", "asks rows for something else than data");
        let grid = dict(&[("f__func", list(&[getter(name)]))]);
        let grid = pickle4(estimator(search(), &[("param_grid", grid)]));
        refused(&grid, "misused-global", "asks rows for something else than data");
    }
    let chosen = |name: &str| {
        let class = global("sklearn.feature_selection._from_model", "SelectFromModel");
        pickle4(estimator(class, &[("importance_getter", getter(name))]))
    };
    accepted(&chosen("steps.scores"));
}

/// scikit-learn takes whatever goes along, or has keys.
#[test]
fn containers_of_other_classes_are_looked_into() {
    let ordered = |pairs: &[(&str, Ops)]| {
        let pairs: Vec<Ops> = pairs.iter().map(|(key, value)| ops![text(key), value]).collect();
        ops![call(global("collections", "OrderedDict"), &[]), b"(", pairs.concat(), b"u"]
    };
    let deque = |item: Ops| call(global("collections", "deque"), &[list(&[item])]);
    let wrapped = |item: Ops| build(new(global("collections", "UserList")), dict(&[("data", list(&[item]))]));
    let with = |key: &'static str, value: Ops| pickle4(estimator(stacking(), &[(key, value)]));
    for hold in [&deque as &dyn Fn(Ops) -> Ops, &wrapped, &|item| ordered(&[("a", item)])] {
        for key in ["estimators_", "steps", "transformers_"] {
            let words = format!("its {key} holds a");
            told_apart(&with(key, hold(path())), "misused-global", &words, &with(key, hold(fitted())));
        }
        let words = "is no method that answers for rows";
        refused(&with("stack_method_", hold(text("unlink"))), "misused-global", words);
    }
    let keywords = |value: Ops| pickle4(estimator(function_transformer(), &[("kw_args", value)]));
    let honest = keywords(dict(&[("a", int(1))]));
    told_apart(&keywords(ordered(&[("default", int(1))])), "misused-global", "its kw_args are no dict", &honest);
    let grid = |text_of: &str| {
        let grid = ordered(&[("g__pre_dispatch", list(&[text(text_of)]))]);
        pickle4(estimator(search(), &[("param_grid", grid)]))
    };
    told_apart(&grid("exit()"), "misused-global", "joblib before 1.2 would run it", &grid("all"));
    let grid = |grid: Ops| pickle4(estimator(search(), &[("param_grid", deque(grid))]));
    let (evil, honest) = (dict(&[("pre_dispatch", text("exit()"))]), dict(&[("pre_dispatch", text("all"))]));
    told_apart(&grid(evil), "misused-global", "joblib before 1.2 would run it", &grid(honest));
}

#[test]
fn no_dict_says_where_an_array_has_its_elements() {
    // numpy asks a `Series` for `__array_interface__`, and its labels are its attributes: it goes to the address that stands there.
    let interface = |typestr: Ops| dict(&[("shape", tuple(&[int(4)])), ("typestr", typestr)]);
    let words = "a dict says where in memory an array has its elements";
    for typestr in [text("<f8"), bytes(b"|O")] {
        told_apart(&pickle4(interface(typestr.clone())), "misused-global", words, &pickle4(interface(int(7))));
        let ordered = || ops![global("collections", "OrderedDict"), b")R("];
        let filled = |value: &Ops| pickle4(ops![ordered(), text("typestr"), value, b"u"]);
        told_apart(&filled(&typestr), "misused-global", words, &filled(&int(7)));
        let pairs = |value: &Ops| {
            let pair = list(&[text("typestr"), value.clone()]);
            pickle4(call(global("collections", "OrderedDict"), &[list(&[pair])]))
        };
        told_apart(&pairs(&typestr), "misused-global", words, &pairs(&int(7)));
        let made = |value: &Ops| pickle4(ops![b"(", text("typestr"), value, b"d"]);
        told_apart(&made(&typestr), "misused-global", words, &made(&int(7)));
    }
    // numpy's own bytes and texts are bytes and texts, too.
    let text_of_bytes = build(dtype_call("S2"), dtype_state("|", 2, 1, 0));
    let own = call(global("numpy.core.multiarray", "scalar"), &[text_of_bytes, bytes(b"|O")]);
    told_apart(&pickle4(interface(own)), "misused-global", words, &pickle4(interface(float(7.0))));
    let word = build(dtype_call("U7"), dtype_state("<", 28, 4, 8));
    let scalar = call(
        global("numpy.core.multiarray", "scalar"),
        &[word, bytes(b"t\0\0\0y\0\0\0p\0\0\0e\0\0\0s\0\0\0t\0\0\0r\0\0\0")],
    );
    let keyed = |value: Ops| pickle4(ops![b"}(", scalar, value, b"u"]);
    told_apart(&keyed(text("<f8")), "misused-global", words, &keyed(int(7)));
}

#[test]
fn a_function_with_arguments_has_room_for_rows() {
    let partial = |function: Ops, positional: Ops, keywords: Ops| {
        let class = global("functools", "partial");
        let made =
            build(call(class, std::slice::from_ref(&function)), tuple(&[function, positional, keywords, NONE.into()]));
        pickle4(estimator(function_transformer(), &[("func", made)]))
    };
    let plain = |module: &'static str, name: &'static str, positional: &[Ops]| {
        partial(global(module, name), tuple(positional), dict(&[]))
    };
    let words = "its arguments are something else";
    let honest = plain("numpy", "add", &[int(1)]);
    accepted(&plain("numpy", "multiply", &[array(&[1.0, 2.0])]));
    accepted(&plain("numpy", "log1p", &[]));
    // The third is where numpy writes, and of a function of one array the second.
    told_apart(&plain("numpy", "add", &[array(&[7.0]), int(0)]), "misused-global", words, &honest);
    told_apart(&plain("numpy", "sqrt", &[float(7.0)]), "misused-global", words, &honest);
    // It gives back what it keeps: rows of the file's own, or the very array that a tree goes by.
    for kept in [list(&[text("/etc/passwd")]), dict(&[]), array(&[1.0]), text("a")] {
        told_apart(&plain("builtins", "max", std::slice::from_ref(&kept)), "misused-global", words, &honest);
        told_apart(&plain("numpy", "atleast_1d", &[kept]), "misused-global", words, &honest);
    }
    told_apart(&plain("numpy", "add", &[text("a")]), "misused-global", words, &honest);
    // Of these numpy makes rows.
    let filled = |value: Ops| {
        let state = [("func", global("numpy", "full_like")), ("kw_args", dict(&[("fill_value", value)]))];
        pickle4(estimator(function_transformer(), &state))
    };
    for value in [text("/etc/passwd"), list(&[text("a")]), dict(&[]), bytes(b"a")] {
        told_apart(&filled(value), "misused-global", "it keeps the argument fill_value", &filled(float(0.5)));
    }
    accepted(&filled(array(&[1.0])));
    // A sum over nothing gives back what it begins with, a table has what it is given for its labels, and a tuple is no rows.
    let kept = |key: &'static str, value: Ops| {
        pickle4(estimator(
            function_transformer(),
            &[("func", global("numpy", "sum")), ("kw_args", dict(&[(key, value)]))],
        ))
    };
    for (key, wrong, right) in [
        ("initial", array(&[1.0]), float(0.0)),
        ("initial", text("/etc/passwd"), int(1)),
        ("initial", tuple(&[int(1), int(2), int(3)]), NONE.into()),
        ("index", array(&[1.0]), list(&[int(1)])),
        ("columns", array(&[1.0]), list(&[text("a")])),
        ("name", text("data.svm?format=libsvm#cache"), NONE.into()),
        ("retbins", TRUE.into(), FALSE.into()),
        ("return_inverse", int(1), FALSE.into()),
    ] {
        let words = format!("it keeps the argument {key} for a function");
        told_apart(&kept(key, wrong), "misused-global", &words, &kept(key, right));
    }
    for with_tuples in ["nonzero", "histogram"] {
        let function = |name: &str| pickle4(estimator(function_transformer(), &[("func", global("numpy", name))]));
        told_apart(&function(with_tuples), "misused-global", "something else of rows", &function("unique"));
        told_apart(&plain("numpy", with_tuples, &[]), "misused-global", words, &plain("numpy", "unique", &[]));
    }
    accepted(&filled(list(&[int(1), NONE.into()])));
    // nltk opens a file of that name.
    let language = |text: Ops| partial(global("numpy", "mean"), tuple(&[]), dict(&[("language", text)]));
    let honest = language(text("german"));
    for wrong in [text("../../evil"), text("a.b"), bytes(b"german")] {
        told_apart(&language(wrong), "misused-global", "it keeps the argument language", &honest);
    }
}

#[test]
fn no_type_of_times_has_a_file_for_its_zone_and_rows_stay_rows() {
    let with = |key: &'static str, value: Ops| pickle4(estimator(function_transformer(), &[(key, value)]));
    let kept = |key: &'static str, value: Ops| with("kw_args", dict(&[(key, value)]));
    let words = "a type in it has the zone of a file";
    let zone = || text("datetime64[ns, dateutil//tmp/evil]");
    told_apart(&kept("dtype", zone()), "misused-global", words, &kept("dtype", text("datetime64[ns, UTC]")));
    told_apart(&kept("dtype", dict(&[("a", zone())])), "misused-global", words, &kept("dtype", text("float32")));
    let selector = |value: Ops| {
        let class = global("sklearn.compose._column_transformer", "make_column_selector");
        pickle4(build(new(class), dict(&[("dtype_include", value)])))
    };
    told_apart(&selector(list(&[zone()])), "misused-global", words, &selector(list(&[text("object")])));
    // A sparse matrix is made of a tuple of three arrays, and follows them unseen.
    let words = "makes something else of rows than rows";
    for class in ["tuple", "dict", "set", "frozenset"] {
        let honest = with("func", global("builtins", "list"));
        told_apart(&with("func", global("builtins", class)), "misused-global", words, &honest);
    }
}

#[test]
fn a_vectorizer_opens_the_files_that_the_user_names_and_no_others() {
    let vectorizer = |input: &str| {
        estimator(global("sklearn.feature_extraction.text", "CountVectorizer"), &[("input", text(input))])
    };
    let pipeline = |steps: &[Ops]| {
        let steps: Vec<Ops> = steps.iter().map(|step| tuple(&[text("step"), step.clone()])).collect();
        estimator(
            global("sklearn.pipeline", "Pipeline"),
            &[("steps", list(&steps)), ("memory", NONE.into()), ("verbose", FALSE.into())],
        )
    };
    let other = || estimator(global("sklearn.preprocessing._function_transformer", "FunctionTransformer"), &[]);
    let words = "input is filename behind another step, not content";
    let apart = |hostile: Ops, honest: Ops| {
        told_apart(&pickle4(hostile), "structure-invalid", words, &pickle4(honest));
    };
    // Such as a scaler whose columns are called `/etc/passwd`.
    for opens in ["filename", "file"] {
        apart(pipeline(&[other(), vectorizer(opens)]), pipeline(&[vectorizer(opens), other()]));
    }
    apart(
        pipeline(&[other(), pipeline(&[vectorizer("filename")])]),
        pipeline(&[pipeline(&[text("passthrough"), vectorizer("filename")]), other()]),
    );
    let union = |of: Ops| {
        let parts = list(&[tuple(&[text("words"), of])]);
        estimator(global("sklearn.pipeline", "FeatureUnion"), &[("transformer_list", parts)])
    };
    apart(
        pipeline(&[other(), union(vectorizer("filename"))]),
        pipeline(&[union(vectorizer("filename")), vectorizer("content")]),
    );
    let stacking = |key: &'static str| estimator(stacking(), &[(key, list(&[vectorizer("filename")]))]);
    apart(stacking("final_estimator_"), stacking("estimators_"));
    // What is handed out beside a model is used by itself.
    accepted(&pickle4(dict(&[("model", other()), ("vectorizer", vectorizer("filename"))])));
    accepted(&pickle4(list(&[tuple(&[vectorizer("filename"), other()])])));
}
