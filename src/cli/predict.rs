//! `coldload predict`: use a model without Python.

use super::options::{Context, Format, choice};
use super::trust::{Chosen, TrustArgs};
use super::{Ran, Stdout};
use crate::gate::{self, PredictRequest, Warrant};
use crate::job::{AnswerFormat, FailureKind, Method, RowsFormat};
use crate::report::safe::pasted;
use crate::report::{Command, Outputs, Report, ReportError};
use std::path::{Path, PathBuf};

/// How rows are written.
const ROWS: &str = r#"Rows: CSV, whose first line names the columns; .npy; or JSON in one of these forms:
  {"dataframe_split": {"columns": [...], "data": [[...]]}}
  {"inputs": [[...]]}
  {"inputs": [...]}       texts, labels, or one column
An empty field and null are NaN."#;

/// Let a model answer rows, once it is verified
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  coldload predict model.pkl -i rows.csv -k ci.pub --name churn\n  coldload predict model.pkl -i rows.json -o answers.csv --unverified",
    after_help = ROWS
)]
pub(super) struct Args {
    /// The model
    model: PathBuf,
    /// Rows: a .csv, .npy or .json file, or - for standard input
    #[arg(short, long = "input", value_name = "ROWS")]
    input: PathBuf,
    /// Form of the rows, if the file's name does not tell
    #[arg(long, value_name = "FORMAT", value_parser = choice(&FORMATS, rows_text))]
    rows_format: Option<RowsFormat>,
    /// Where to write the answers: a .csv, .npy or .json file; standard output if nowhere is given
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// What to ask; everything that the model can answer if nothing is given
    #[arg(long, value_parser = choice(&Method::ALL, Method::text))]
    method: Option<Method>,
    /// Where in a container the model is, such as '["model"]'
    #[arg(long, value_name = "JSON-LIST", value_parser = at)]
    at: Option<At>,
    #[command(flatten)]
    trust: TrustArgs,
    /// Use the model although nobody vouches for it; every report will say so
    #[arg(long, help_heading = "Whom to trust", conflicts_with_all = ["key", "digest", "name", "seal"])]
    unverified: bool,
}

const FORMATS: [RowsFormat; 3] = [RowsFormat::Csv, RowsFormat::Npy, RowsFormat::Json];

const fn rows_text(format: RowsFormat) -> &'static str {
    match format {
        RowsFormat::Csv => "csv",
        RowsFormat::Npy => "npy",
        RowsFormat::Json => "json",
    }
}

/// Keys that lead to the model; a type of its own, for clap takes a plain list as many options.
#[derive(Debug, Clone)]
struct At(Vec<String>);

fn at(text: &str) -> Result<At, &'static str> {
    const FORM: &str = r#"a place is a JSON list of texts and positions, such as '["models", 0]'"#;
    let keys: Vec<serde_json::Value> = serde_json::from_str(text).map_err(|_| FORM)?;
    let key = |key: serde_json::Value| match key {
        serde_json::Value::String(text) => Ok(text),
        serde_json::Value::Number(number) => number.as_u64().map(|number| number.to_string()).ok_or(FORM),
        _ => Err(FORM),
    };
    keys.into_iter().map(key).collect::<Result<_, _>>().map(At)
}

impl Args {
    pub(super) fn run(self, context: &Context) -> Ran {
        let request = match self.request(context.format) {
            Ok(request) => request,
            Err(error) => return Report::failed(Command::Predict, error).into(),
        };
        let (mut report, answer) = gate::predict(&request, &context.options);
        let Some(bytes) = answer else { return report.into() };
        if context.format == Format::Text {
            return Ran { report, stdout: Stdout::Bytes(bytes) };
        }
        match Outputs::new(bytes) {
            Ok(outputs) => report.outputs = Some(outputs),
            Err(error) => {
                let next = "please report it, with the file if you can, as SECURITY.md says";
                report.error = Some(ReportError::new(FailureKind::Internal, error.to_string(), next));
            }
        }
        report.into()
    }

    fn request(self, format: Format) -> Result<PredictRequest, ReportError> {
        let from_stdin = self.input == Path::new("-");
        let rows_format = match self.rows_format.or_else(|| by_extension(&self.input, &FORMATS, rows_text)) {
            Some(format) => format,
            None if from_stdin => {
                return Err(ReportError::usage(
                    "standard input has no name that tells how its rows are written",
                    "--rows-format csv",
                ));
            }
            None => {
                let message = format!("the name {} does not tell how its rows are written", pasted(&self.input));
                return Err(ReportError::usage(message, "--rows-format csv"));
            }
        };
        let answer = answer_format(self.output.as_deref(), format, self.method)?;
        let (model, input) = (pasted(&self.model), pasted(&self.input));
        let next = || {
            format!(
                "coldload predict {model} -i {input} -k ci.pub\nnobody vouches for it, and you use it all the same? --unverified"
            )
        };
        let warrant = if self.unverified {
            Warrant::Unverified
        } else {
            let Chosen { trust, name, seal } = self.trust.choose(next)?;
            Warrant::Trusted { trust, name, seal }
        };
        Ok(PredictRequest {
            model: self.model,
            warrant,
            rows: (!from_stdin).then_some(self.input),
            rows_format,
            method: self.method,
            at: self.at.map(|At(keys)| keys),
            answer,
            output: self.output,
        })
    }
}

/// The form of the answers: a file's by its name; on standard output what people and programs read best.
fn answer_format(output: Option<&Path>, format: Format, method: Option<Method>) -> Result<AnswerFormat, ReportError> {
    const ALL: [AnswerFormat; 3] = [AnswerFormat::Csv, AnswerFormat::Npy, AnswerFormat::Json];
    let text = |format| match format {
        AnswerFormat::Csv => "csv",
        AnswerFormat::Npy => "npy",
        AnswerFormat::Json => "json",
    };
    let Some(path) = output else {
        return Ok(if format == Format::Json { AnswerFormat::Json } else { AnswerFormat::Csv });
    };
    match by_extension(path, &ALL, text) {
        Some(AnswerFormat::Npy) if method.is_none() => {
            Err(ReportError::usage("a .npy file holds the answers of one method", "--method predict"))
        }
        Some(format) => Ok(format),
        None if path == Path::new("-") => {
            Err(ReportError::usage("answers go to standard output where no -o is given", "leave -o - out"))
        }
        None => {
            let message = format!("the name {} does not tell how to write the answers", pasted(path));
            Err(ReportError::usage(message, "-o answers.csv, -o answers.json or -o answers.npy"))
        }
    }
}

fn by_extension<T: Copy>(path: &Path, all: &[T], text: impl Fn(T) -> &'static str) -> Option<T> {
    let extension = path.extension()?.to_str()?;
    all.iter().copied().find(|format| extension.eq_ignore_ascii_case(text(*format)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_list_of_texts_and_positions() {
        assert_eq!(at(r#"["model", 0]"#).unwrap().0, ["model", "0"]);
        for wrong in ["model", "{}", "[[]]", "[-1]", "[1.5]", "[null]"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn answers_are_written_as_the_name_says() {
        let of = |name: &str, method| answer_format(Some(Path::new(name)), Format::Json, method);
        assert_eq!(of("a.CSV", None), Ok(AnswerFormat::Csv));
        assert_eq!(of("a.npy", Some(Method::Predict)), Ok(AnswerFormat::Npy));
        assert!(of("a.npy", None).is_err());
        assert!(of("a", None).is_err());
        assert_eq!(answer_format(None, Format::Json, None), Ok(AnswerFormat::Json));
        assert_eq!(answer_format(None, Format::Text, None), Ok(AnswerFormat::Csv));
    }
}
