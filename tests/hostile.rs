//! Hostile files, written as opcodes: each is refused for the reason that it deserves, and has a twin that differs in one
//! thing and is accepted. An allowed name is not an allowed act.

mod opcodes;

#[path = "hostile/allowed.rs"]
mod allowed;
#[path = "hostile/also.rs"]
mod also;
#[path = "hostile/arrays.rs"]
mod arrays;
#[path = "hostile/bytes.rs"]
mod bytes;
#[path = "hostile/called.rs"]
mod called;
#[path = "hostile/calls.rs"]
mod calls;
#[path = "hostile/corpus.rs"]
mod corpus;
#[path = "hostile/estimators.rs"]
mod estimators;
#[path = "hostile/indices.rs"]
mod indices;
#[path = "hostile/joblib.rs"]
mod joblib;
#[path = "hostile/kept.rs"]
mod kept;
#[path = "hostile/lookup.rs"]
mod lookup;
#[path = "hostile/names.rs"]
mod names;
#[path = "hostile/pandas.rs"]
mod pandas;
#[path = "hostile/plain.rs"]
mod plain;
#[path = "hostile/points.rs"]
mod points;
#[path = "hostile/sets.rs"]
mod sets;
#[path = "hostile/state.rs"]
mod state;
#[path = "hostile/structures.rs"]
mod structures;
#[path = "hostile/values.rs"]
mod values;

use opcodes::*;

/// A distribution of scipy's with one parameter, and the text that its `__setstate__` gives to `exec`.
fn distribution(program: &str) -> Ops {
    let state = [("name", text("gamma")), ("shapes", text("a")), ("_parse_arg_template", text(program))];
    pickle4(build(new(global("scipy.stats._continuous_distns", "gamma_gen")), dict(&state)))
}

/// `scipy/stats/_distn_infrastructure.py`, `parse_arg_template`, filled for one parameter `a`.
const PARSE: &str = "
def _parse_args(self, a,  loc=0, scale=1):
    return (a, ), loc, scale

def _parse_args_rvs(self, a,  loc=0, scale=1, size=None):
    return self._argcheck_rvs(a,  loc, scale, size=size)

def _parse_args_stats(self, a,  loc=0, scale=1, moments='mv'):
    return (a, ), loc, scale, moments
";

#[test]
fn a_distribution_with_a_program_of_its_own_is_refused_though_every_name_is_honest() {
    let evil = format!("{PARSE}\nimport os; os.system('echo PWNED')\n");
    told_apart(&distribution(&evil), "misused-global", "other program text than scipy's", &distribution(PARSE));
    for other in ["", "import os", &PARSE.replace("loc=0", "loc=print(1)"), &PARSE.replace("(a, ), loc", "(a, ),  loc")]
    {
        refused(&distribution(other), "misused-global", "other program text than scipy's");
    }
}

#[test]
fn a_distribution_whose_parameters_are_no_names_is_refused() {
    let with = |shapes: &str| {
        let program = PARSE.replace("a, ", &format!("{shapes}, "));
        let state = [("shapes", text(shapes)), ("_parse_arg_template", text(&program))];
        pickle4(build(new(global("scipy.stats._continuous_distns", "gamma_gen")), dict(&state)))
    };
    told_apart(&with("a=__import__('os')"), "misused-global", "names that are none", &with("a"));
    refused(&with("a): exec(open('x').read())\n    def f(b"), "misused-global", "names that are none");
}

#[test]
fn a_distribution_made_by_other_means_or_with_other_attributes_is_refused() {
    let class = global("scipy.stats._continuous_distns", "gamma_gen");
    let state =
        |extra: (&'static str, Ops)| dict(&[("shapes", text("a")), ("_parse_arg_template", text(PARSE)), extra]);
    let with = |extra| pickle4(build(new(&class), state(extra)));
    told_apart(
        &with(("_parse_args", text(PARSE))),
        "misused-global",
        "the key \"_parse_args\"",
        &with(("name", text("gamma"))),
    );
    refused(&pickle4(call(&class, &[])), "misused-global", "it is called");
}

#[test]
fn a_generator_whose_second_argument_is_called_takes_only_numpys_own_constructor() {
    let generator = |callee: Ops| {
        let module = "numpy.random._pickle";
        pickle4(call(global(module, "__generator_ctor"), &[text("MT19937"), callee]))
    };
    let honest = generator(global("numpy.random._pickle", "__bit_generator_ctor"));
    let another = generator(global("numpy.random._pickle", "__generator_ctor"));
    told_apart(&another, "misused-global", "its second argument, which it calls, is another function", &honest);
    let tree = generator(global("sklearn.tree._tree", "Tree"));
    refused(&tree, "misused-global", "its second argument, which it calls, is another function");
    let system = generator(global("posix", "system"));
    refused(&system, "dangerous-global", "posix.system");
}

#[test]
fn a_transformer_whose_function_loads_another_file_is_refused() {
    let with = |function: Ops| pickle4(estimator(function_transformer(), &[("func", function)]));
    let loader = with(global("joblib.numpy_pickle", "load"));
    told_apart(&loader, "dangerous-global", "joblib.numpy_pickle.load", &with(global("numpy", "log1p")));
    accepted(&with(NONE.into()));
    refused(&with(global("joblib", "load")), "dangerous-global", "joblib.load");
    refused(&with(global("mypkg", "clean")), "unknown-global", "mypkg.clean");
}
