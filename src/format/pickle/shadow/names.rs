//! Names that another reader fetches: ours, those of the tables, and those of any module there may be.

use super::super::imports::{is_importable, outermost};
use super::acts::How;
use super::marks::Python2;
use super::ours::{ASKING, followed_shape};
use super::values::{Age, Val};
use super::{Made, Next, Parts, Shadow, Writer};
use crate::graph::Name;
use crate::vocabulary::{Role, Shape, keeps_attributes};

/// Which texts of a name our own reader has at the same place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    Both,
    Name,
    Neither,
}

/// Names that are fetched whatever the module is: honest files have a text of another pickle there. By another name the same arguments
/// may do something else: `uu.encode` writes a file. `copy._reconstruct` raises with those of numpy's.
const NAMESAKES: [&str; 6] =
    ["_reconstruct", "dtype", "ndarray", "PandasDtype", "__bit_generator_ctor", "_CVScoreTuple"];

/// A module that has none of these: pandas 3 says of its classes that they are in it, so that its files have a text by its name.
const WITHOUT_NAMESAKES: &str = "pandas";

/// Names, and the packages of scikit-learn whose modules have them: all others of its modules have not.
const ONLY_IN: [(&[&str], &[&str]); 3] = [
    (&["Index", "SeedSequence"], &[]),
    (&["BallTree", "KDTree"], &["cluster", "feature_selection", "manifold", "neighbors"]),
    (&["f_classif", "f_regression"], &["feature_selection"]),
];

/// No modules: the name of joblib's class, and codes of numpy's dtypes, which stand where a module should in files that begin with an array
/// of objects.
const NO_MODULES: [&str; 7] = ["NumpyArrayWrapper", "O8", "f8", "f4", "i8", "i4", "b1"];

/// Modules that do something where they are imported: of Python's own, and scripts that stand in the folder of a project.
const ACTORS: [&str; 11] =
    ["__hello__", "__phello__", "antigravity", "app", "conftest", "main", "manage", "run", "setup", "this", "train"];

/// Packages of Python's own that are programs and their tests.
const PROGRAMS: [&str; 5] = ["idlelib", "lib2to3", "test", "tests", "turtledemo"];

/// Whether to import a module is to run a program: Python imports the packages around it first. Out of an archive a slash leads into a folder.
fn is_a_program(module: &str) -> bool {
    let first = outermost(module).rsplit('/').next().unwrap_or_default();
    ACTORS.contains(&first)
        || PROGRAMS.contains(&first)
        || module.split('.').any(|part| matches!(part, "__main__" | "__pip-runner__"))
}

/// Whether a text is the name of no module: one of [`NO_MODULES`], or of what an estimator has learned.
fn is_no_module(text: &str) -> bool {
    NO_MODULES.contains(&text)
        || (text.ends_with('_') && text.starts_with(|c: char| c.is_ascii_lowercase()) && !text.contains('.'))
}

/// Whether a module of a library is without a name, in every version.
fn is_missing(module: &str, qualname: &str) -> bool {
    match module.strip_prefix("sklearn.") {
        Some(inside) => {
            let package = inside.split('.').next().unwrap_or_default();
            ONLY_IN.iter().any(|(names, packages)| names.contains(&qualname) && !packages.contains(&package))
        }
        None => module == WITHOUT_NAMESAKES && NAMESAKES.contains(&qualname),
    }
}

/// Whether the beginning of a line that is too long to be kept could be that of a module, or of a package with one in it.
fn may_be_module(begun: &[u8]) -> bool {
    let line = begun.split(|byte| *byte == b'\n').next().unwrap_or_default();
    is_importable(&String::from_utf8_lossy(line))
}

/// What a name of the tables is in another module that has it. Honest files fetch such by a text of the memo.
fn of_any_module(module: &str, qualname: &str) -> Option<Val> {
    match qualname {
        // A class for what parameters may be, where it is not that of a loss: both keep what they are given.
        "Interval" if module.starts_with("sklearn.") => Some(Val::Name(Some(Shape::Record))),
        // Of numpy's in every module that has one, and called in nearly every file.
        "scalar" => Some(Val::Name(Some(Shape::Scalar))),
        // A class by the name of an estimator: made without arguments, it keeps what it is given.
        _ if keeps_attributes(qualname) && !ASKING.contains(&qualname) => Some(Val::Name(Some(Shape::Record))),
        _ => NAMESAKES.contains(&qualname).then_some(Val::Namesake),
    }
}

impl Shadow {
    /// Fetching a name; `own` says whether our reader fetches it, too.
    fn find(&mut self, module: &[u8], name: &[u8], own: Own) -> Result<Val, Next> {
        let (Ok(module), Ok(qualname)) = (std::str::from_utf8(module), std::str::from_utf8(name)) else {
            // To Python 2 names are bytes, and it imports the module before it looks for a name in it.
            let imported = self.python2 != Python2::None && is_importable(&String::from_utf8_lossy(module));
            let what = || Next::Bad("fetches a name that is no UTF-8, as Python 2 can".to_owned());
            return Err(if imported { what() } else { Next::Stopped });
        };
        let named = |mapped| Name { module: module.to_owned(), qualname: qualname.to_owned(), mapped, at: self.at };
        let name = named(self.protocol.is_some_and(|protocol| protocol < 3));
        let mut role = self.vocabulary.role(&name);
        // Where its protocol is not known, each of the two names is one of the tables.
        if self.protocol.is_none() && matches!(role, Role::Known(_)) {
            role = self.vocabulary.role(&named(true));
        }
        match role {
            // What is safe by its arguments alone is not, with what another reader may find for them.
            Role::Known(entry) if entry.shape.is_bound() && own != Own::Both => {
                Err(Next::Bad(format!("fetches {name}")))
            }
            // The reader that takes ours for objects has wrappers of its own.
            Role::Known(entry) if entry.shape.is_wrapper() && self.found.is_not_written_by(Writer::of(module)) => {
                Err(Next::Bad(format!("fetches {name}")))
            }
            role @ Role::Known(_) => Ok(Val::Name(followed_shape(role))),
            role @ Role::Allowed => Ok(Val::Name(followed_shape(role))),
            Role::Dangerous(_) => Err(Next::Bad(format!("fetches {name}"))),
            // The module is imported before the name is looked for.
            Role::Unknown => {
                match own {
                    _ if !is_importable(module) => Err(Next::Stopped),
                    // Ours fetches it as well, and is refused for it, if it makes the same name of it.
                    Own::Both if !self.is_known_otherwise(&name) => Err(Next::Stopped),
                    Own::Name if self.reads_pickles() && is_missing(module, qualname) => Err(Next::Stopped),
                    Own::Name if self.reads_pickles() && is_no_module(module) => Err(Next::Stopped),
                    Own::Name if self.reads_pickles() && !is_a_program(module) => {
                        match of_any_module(module, qualname) {
                            Some(val) => Ok(val),
                            // What nobody knows is fetched, and no more: who begins anew has nothing else that it could be put into, and
                            // what it returns is not taken.
                            None if self.parts == Parts::Again => Ok(Val::Wild),
                            None => Err(Next::Bad(format!("fetches {name}"))),
                        }
                    }
                    _ => Err(Next::Bad(format!("fetches {name}"))),
                }
            }
        }
    }

    /// Whether a name is one of the tables in a pickle of another protocol.
    fn is_known_otherwise(&self, name: &Name) -> bool {
        let other = Name { mapped: !name.mapped, ..name.clone() };
        !matches!(self.vocabulary.role(&other), Role::Unknown)
    }

    /// Whether it reads honest pickles with the memo of another: there some text stands where the module of a name of the tables
    /// should. Hardly ever there is such a module with such a name; then it is a [`Val::Namesake`], or nobody knows what.
    fn reads_pickles(&self) -> bool {
        matches!(self.parts, Parts::Nested | Parts::Again | Parts::Shared)
    }

    /// GLOBAL and INST: the names of two lines; INST makes an object of it.
    pub(super) fn global(&mut self, bytes: &[u8], instance: bool) -> Next {
        let Some((lines, length)) = super::lines::lines(bytes, 2) else {
            return match bytes.get(1..super::lines::LINE) {
                Some(begun) if may_be_module(begun) => Next::Bad("fetches a name that is longer than any".to_owned()),
                Some(_) => Next::Stopped,
                None => Next::More,
            };
        };
        let [module, name] = lines.as_slice() else { return Next::Stopped };
        let ours = self.is_ours();
        match self.find(module, name, if ours { Own::Both } else { Own::Neither }) {
            Ok(val) if instance => match self.pop_mark() {
                Some((items, of)) => {
                    let args = items.map_or(Val::Tuple(None), |items| Val::tuple(items.iter().map(|item| &item.val)));
                    let callee = self.made(val, ours, Age::New);
                    self.call(How::Called, callee, self.made(args, of.own, of.age), length)
                }
                None => Next::Stopped,
            },
            Ok(val) => {
                self.push(val);
                Next::Used(length)
            }
            Err(next) => next,
        }
    }

    /// STACK_GLOBAL: the names of two texts.
    pub(super) fn stack_global(&mut self) -> Next {
        let (Some(name), Some(module)) = (self.pop(), self.pop()) else { return Next::Stopped };
        let own = match (module.own && self.is_ours(), name.own && self.is_ours()) {
            (true, true) => Own::Both,
            (false, true) => Own::Name,
            _ => Own::Neither,
        };
        let found = match (&module.val, &name.val) {
            // The module is imported before anybody looks whether there is such a name.
            (Val::Text(module), Val::Text(name))
                if std::str::from_utf8(module).is_err() || std::str::from_utf8(name).is_err() =>
            {
                Err(Next::Bad("fetches a name that is no UTF-8".to_owned()))
            }
            (Val::Text(module), Val::Text(name)) => self.find(module, name, own),
            (module, name) if module.may_be_own_str() && name.may_be_own_str() => {
                Err(Next::Bad("fetches a name of which nothing is known".to_owned()))
            }
            _ => Err(Next::Stopped),
        };
        match found {
            Ok(val) => {
                let own = own == Own::Both || matches!(val, Val::Namesake);
                self.push_made(val, Made { own, age: Age::New });
                Next::Used(1)
            }
            Err(next) => next,
        }
    }
}
