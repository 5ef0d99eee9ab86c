//! The run of a pipeline, from the variables that its system sets.

use crate::manifest::environment::without_credentials;
use crate::manifest::{CiRun, is_commit};
use crate::reason::is_unsafe;
use crate::report::ReportError;
use std::ffi::OsString;

/// Longest value that is taken, in bytes.
const MAX_VALUE: usize = 1000;

/// Looks a variable up.
type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The run in which this program stands, if it is one that is known.
pub(super) fn run(variables: Variables<'_>) -> Result<Option<CiRun>, ReportError> {
    if let Some(run) = text(variables, "GITHUB_RUN_ID")? {
        let repository = text(variables, "GITHUB_REPOSITORY")?;
        if repository.as_deref().is_some_and(|name| !is_repository(name)) {
            return Err(refused("GITHUB_REPOSITORY", "is no owner and repository"));
        }
        let server = address(variables, "GITHUB_SERVER_URL")?.unwrap_or_else(|| "https://github.com".to_owned());
        let server = server.trim_end_matches('/');
        if !run.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(refused("GITHUB_RUN_ID", "is no number"));
        }
        let run = format!("{server}/{}/actions/runs/{run}", repository.as_deref().unwrap_or("…"));
        return Ok(Some(CiRun {
            system: "github".to_owned(),
            run,
            repository,
            commit: commit(variables, "GITHUB_SHA")?,
        }));
    }
    let others = [
        ("gitlab", "CI_JOB_URL"),
        ("gitlab", "CI_PIPELINE_URL"),
        ("buildkite", "BUILDKITE_BUILD_URL"),
        ("jenkins", "BUILD_URL"),
    ];
    for (system, variable) in others {
        if let Some(run) = address(variables, variable)? {
            let commit = if system == "gitlab" { commit(variables, "CI_COMMIT_SHA")? } else { None };
            return Ok(Some(CiRun { system: system.to_owned(), run, repository: None, commit }));
        }
    }
    Ok(None)
}

fn text(variables: Variables<'_>, name: &str) -> Result<Option<String>, ReportError> {
    let Some(value) = variables(name) else { return Ok(None) };
    match value.into_string() {
        Ok(text) if text.len() > MAX_VALUE => Err(refused(name, "is longer than 1000 bytes")),
        Ok(text) if text.chars().any(is_unsafe) => Err(refused(name, "has a control character")),
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(refused(name, "is no UTF-8")),
    }
}

/// An address, without what could be secret in it.
fn address(variables: Variables<'_>, name: &str) -> Result<Option<String>, ReportError> {
    let Some(text) = text(variables, name)? else { return Ok(None) };
    let is_address = ["http://", "https://"].iter().any(|start| text.starts_with(start)) && !text.contains(' ');
    if is_address { Ok(Some(without_credentials(&text))) } else { Err(refused(name, "is no address")) }
}

fn commit(variables: Variables<'_>, name: &str) -> Result<Option<String>, ReportError> {
    match text(variables, name)? {
        Some(text) if !is_commit(&text) => Err(refused(name, "is no commit")),
        commit => Ok(commit),
    }
}

fn refused(name: &str, fault: &str) -> ReportError {
    let message = format!("the variable {name} tells of a pipeline, and {fault}");
    ReportError::usage(message, format!("sign without it:  env -u {name} coldload sign …"))
}

/// Whether it is `owner/name`, of the characters that such names have.
fn is_repository(text: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.')
            && !part.trim_matches('.').is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text.split_once('/').is_some_and(|(owner, name)| part(owner) && part(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)]) -> Result<Option<CiRun>, ReportError> {
        run(&|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)))
    }

    #[test]
    fn each_system_tells_its_run() {
        let commit = "0".repeat(40);
        let github = of(&[
            ("GITHUB_RUN_ID", "17"),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_SERVER_URL", "https://host.org"),
            ("GITHUB_SHA", &commit),
        ]);
        let github = github.unwrap().unwrap();
        assert_eq!((github.system.as_str(), github.run.as_str()), ("github", "https://host.org/o/r/actions/runs/17"));
        assert_eq!((github.repository.as_deref(), github.commit), (Some("o/r"), Some(commit.clone())));
        let gitlab = of(&[
            ("CI_JOB_URL", "https://me:SECRET@host/-/jobs/1?x=SECRET"),
            ("CI_PIPELINE_URL", "https://host/2"),
            ("CI_COMMIT_SHA", &commit),
        ]);
        let gitlab = gitlab.unwrap().unwrap();
        assert_eq!(
            (gitlab.system.as_str(), gitlab.run.as_str(), gitlab.commit),
            ("gitlab", "https://host/-/jobs/1", Some(commit))
        );
        for (system, variable) in
            [("gitlab", "CI_PIPELINE_URL"), ("buildkite", "BUILDKITE_BUILD_URL"), ("jenkins", "BUILD_URL")]
        {
            let found = of(&[(variable, "https://host/1")]).unwrap().unwrap();
            assert_eq!((found.system.as_str(), found.run.as_str()), (system, "https://host/1"));
        }
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&[("GITHUB_SHA", "not looked at"), ("CI", "true")]), Ok(None));
    }

    #[test]
    fn what_a_variable_may_not_be_is_named() {
        let github = ("GITHUB_RUN_ID", "1");
        for set in [
            &[("GITHUB_RUN_ID", "1\n")][..],
            &[("GITHUB_RUN_ID", "1/../2")],
            &[("GITHUB_REPOSITORY", "o/r\u{1b}[2J"), github],
            &[("GITHUB_REPOSITORY", "https://u:SECRET@h/x?SECRET"), github],
            &[("GITHUB_REPOSITORY", "../../evil"), github],
            &[("GITHUB_REPOSITORY", "../evil"), github],
            &[("GITHUB_REPOSITORY", "o"), github],
            &[("GITHUB_SERVER_URL", "javascript:1"), github],
            &[("GITHUB_SHA", "HEAD"), github],
            &[("CI_JOB_URL", "https://host/\u{202e}")],
            &[("BUILD_URL", "file:///etc/passwd")],
            &[("BUILD_URL", &"https://host/".repeat(100))],
        ] {
            let error = of(set).unwrap_err();
            assert!(error.message.contains(set[0].0) && error.next.contains(set[0].0), "{error:?}");
        }
    }
}
