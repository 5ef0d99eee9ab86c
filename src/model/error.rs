//! What can be wrong with a model, with rows, or with what was asked of them. Each variant carries the facts; the words are
//! lower case and hold nothing of the file that is not escaped.

use crate::graph::NodeFault;
use crate::model::Method;
use crate::reason::{Code, Finding};

/// Something that makes a model's values no valid estimator, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct StructureFault {
    /// Where, such as `estimators_[1].tree_`; empty for the top object.
    pub place: String,
    /// What.
    pub fault: Fault,
}

impl StructureFault {
    /// The refusal that it becomes.
    pub fn finding(&self) -> Finding {
        let finding = Finding::new(Code::StructureInvalid, self.fault.to_string());
        if self.place.is_empty() { finding } else { finding.in_place(self.place.clone()) }
    }
}

/// An invariant of an estimator that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The nodes of a tree are no tree.
    #[error(transparent)]
    Nodes(#[from] NodeFault),
    /// A split is on a feature that the tree does not have.
    #[error("a node splits on feature {feature}, and the tree has {features}")]
    Feature {
        /// The largest feature that a split is on.
        feature: u64,
        /// Number of features.
        features: u64,
    },
    /// A tree is deeper than it says.
    #[error("max_depth is {said}, and the tree is {found} deep")]
    Depth {
        /// `max_depth`.
        said: i64,
        /// What the nodes show.
        found: u64,
    },
    /// An attribute that the estimator cannot do without is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// An attribute is of another kind than it must be.
    #[error("{attribute} is {found}, not {wanted}")]
    Kind {
        /// The attribute.
        attribute: String,
        /// What it is.
        found: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// A number is not what another part of the estimator says.
    #[error("{attribute} is {found}, and {other} says {wanted}")]
    Differs {
        /// The attribute.
        attribute: &'static str,
        /// Its value.
        found: i64,
        /// The part that contradicts.
        other: &'static str,
        /// What that part says.
        wanted: u64,
    },
    /// An array has another shape than the rest of the estimator asks for.
    #[error("{attribute} has the shape {found}, not {wanted}", found = tuple(found), wanted = tuple(wanted))]
    Shape {
        /// The attribute.
        attribute: &'static str,
        /// Its shape.
        found: Vec<u64>,
        /// The shape it must have.
        wanted: Vec<u64>,
    },
    /// An array has more or fewer axes than it must have.
    #[error("{attribute} has the shape {found}, and must have {wanted} axes", found = tuple(found))]
    Axes {
        /// The attribute.
        attribute: &'static str,
        /// Its shape.
        found: Vec<u64>,
        /// How many axes it must have.
        wanted: usize,
    },
    /// A metric has no weights, as a version keeps it; later ones read those that it does not have.
    #[error(
        "{attribute} has one number, which is no weight to scikit-learn 1.0; later versions would read {wanted} weights there"
    )]
    Unweighted {
        /// The attribute.
        attribute: &'static str,
        /// How many they would read.
        wanted: u64,
    },
    /// An array's elements are of another type than they must be.
    #[error("{attribute} holds {found}, not {wanted}")]
    Elements {
        /// The attribute.
        attribute: &'static str,
        /// numpy's name of their type.
        found: String,
        /// What they must be.
        wanted: &'static str,
    },
    /// A random state goes on reading outside of its numbers.
    #[error("{attribute} is {found}, and the random state has {count} numbers")]
    Position {
        /// The attribute.
        attribute: &'static str,
        /// Where it goes on.
        found: i64,
        /// How many numbers there are.
        count: u64,
    },
    /// A number that things are found by is that of none.
    #[error("{attribute} holds {found}, and there are {count}")]
    Index {
        /// The attribute.
        attribute: &'static str,
        /// The number.
        found: i64,
        /// How many things there are.
        count: u64,
    },
    /// A number is too small.
    #[error("{attribute} is {found}, and must be at least {least}")]
    Below {
        /// What it is.
        attribute: &'static str,
        /// The number.
        found: i64,
        /// The smallest that it may be.
        least: u64,
    },
    /// A number is too large.
    #[error("{attribute} is {found}, and must be at most {most}")]
    Above {
        /// What it is.
        attribute: &'static str,
        /// The number.
        found: u64,
        /// The largest that it may be.
        most: u64,
    },
    /// A part is there under the names of two versions.
    #[error("{0} is there twice, as two versions call it")]
    Twice(&'static str),
    /// An array that has to be judged stands where it can not be.
    #[error(
        "an array that other parts are found by stands in a model with files beside it, written as no such model is"
    )]
    Unread,
    /// A number of rows and columns is no multiple of that of a block.
    #[error("{attribute} is {found}, which is no multiple of {of}")]
    Multiple {
        /// What it is.
        attribute: &'static str,
        /// The number.
        found: u64,
        /// Of a block.
        of: u64,
    },
    /// A node that is no leaf has no children.
    #[error("node {0} is no leaf, and there are no nodes below it")]
    Childless(u64),
    /// A node of a tree of points stands where it can not.
    #[error(
        "node {0} of the tree is not where the nodes before it say, has other points than they leave, or is too deep"
    )]
    Misplaced(u64),
    /// Numbers that must rise do not.
    #[error("the numbers of {0} do not rise")]
    Falls(&'static str),
    /// A random state that makes the same number for ever.
    #[error("{0} holds nothing but zeros, of which a random state makes nothing but zeros")]
    Still(&'static str),
    /// What is there only while a model is being fitted.
    #[error("{0} is there, and is only while a model is being fitted")]
    Unfinished(&'static str),
    /// The length of a box is none by which places can be taken around it.
    #[error("{0} holds a length that is none, or next to none")]
    Box(&'static str),
    /// A list that must hold something is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// An estimator stands where one of another class must stand.
    #[error("{attribute} is a {found}, not a {wanted}")]
    Class {
        /// Where it stands.
        attribute: String,
        /// Its class.
        found: String,
        /// The class that must stand there.
        wanted: &'static str,
    },
    /// Something is in it twice that must be there once.
    #[error("{0} holds something twice")]
    Repeated(&'static str),
    /// One object stands in two places that must not share it.
    #[error("{0} is the same object as another one before it")]
    Shared(String),
    /// Parts of the file are used again and again, so that the model is far larger than the file.
    #[error("its parts are shared so often that the model is far larger than its file")]
    Entangled,
}

/// A shape as Python writes it.
pub(super) fn tuple(shape: &[u64]) -> String {
    let items: Vec<String> = shape.iter().map(u64::to_string).collect();
    if items.len() == 1 { format!("({},)", items.concat()) } else { format!("({})", items.join(", ")) }
}

/// Why no typed model could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The values do not make a valid estimator.
    #[error(transparent)]
    Structure(#[from] StructureFault),
    /// An estimator in it is of a class that this build cannot compute.
    #[error("{class} can not be computed by this version of coldload{place}", place = at(place))]
    NotTyped {
        /// `module.qualname`, or what stands there instead of an object.
        class: String,
        /// Where it stands; empty for the top object.
        place: String,
    },
    /// An estimator in it was never fitted.
    #[error("{class} was saved before it was fitted{place}", place = at(place))]
    NotFitted {
        /// `module.qualname`.
        class: String,
        /// Where it stands; empty for the top object.
        place: String,
    },
    /// An estimator holds something that this build cannot compute with.
    #[error("{what}{place}", place = at(place))]
    Unsupported {
        /// What it holds.
        what: String,
        /// Where it stands; empty for the top object.
        place: String,
    },
}

fn at(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(", in {place}") }
}

/// Why rows could not be answered. All are the user's to mend (`usage`, exit 2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The model does not have the method.
    #[error("{class} has no {method}; it has {has}", method = method.text(), has = methods(has))]
    NoMethod {
        /// The class.
        class: String,
        /// What was asked for.
        method: Method,
        /// What there is.
        has: Vec<Method>,
    },
    /// The rows have another number of features than the model takes.
    #[error("the model takes {takes} feature{s}, row {row} has {has}", s = if *takes == 1 { "" } else { "s" })]
    Width {
        /// Features that the model takes.
        takes: u64,
        /// The row, counted from 1.
        row: u64,
        /// Its values.
        has: u64,
    },
    /// A feature of the model is no column of the rows.
    #[error("the rows have no column \"{0}\", which the model takes")]
    MissingColumn(String),
    /// A column of the rows is no feature of the model.
    #[error("the rows have a column \"{0}\", which the model does not take")]
    UnknownColumn(String),
    /// The rows are texts, and the model takes numbers.
    #[error("the rows are texts, and the model takes numbers")]
    Texts,
    /// A value is missing, and the model takes none that are.
    #[error("row {row}, column {column} is missing (NaN), and {class} takes no missing values")]
    Nan {
        /// The row, counted from 1.
        row: u64,
        /// The column, counted from 1.
        column: u64,
        /// The estimator, with the version that saved it.
        class: String,
    },
    /// A value is infinite, or becomes so in the type that the estimator reads.
    #[error("row {row}, column {column} is infinite or too large for {dtype}, which {class} reads")]
    Infinite {
        /// The row, counted from 1.
        row: u64,
        /// The column, counted from 1.
        column: u64,
        /// `float32` or `float64`.
        dtype: &'static str,
        /// The estimator, with the version that saved it.
        class: String,
    },
}

fn methods(has: &[Method]) -> String {
    has.iter().map(|method| method.text()).collect::<Vec<_>>().join(", ")
}
