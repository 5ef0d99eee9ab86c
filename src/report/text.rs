//! Reports as a person reads them: one line a model, the reasons below it, one line of counts at the end.
//!
//! Every text goes through [`line`] once more, whoever wrote it; colours are put round it after that.

use super::details;
use super::safe::{line, path_line};
use super::{Command, Inspected, Report, ReportError, ResultEntry, Verdict};
use crate::job::Assurance;
use crate::reason::Finding;
use clap::builder::styling::{AnsiColor, Style};
use std::borrow::Cow;
use std::io::{self, Write};

/// How much a person wants to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Nothing but errors.
    Silent,
    /// What was not accepted.
    Quiet,
    /// A line for each model, at most five reasons each.
    #[default]
    Normal,
    /// All reasons, what was skipped, what was checked and what was not.
    Verbose,
}

/// How text is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextStyle {
    /// Whether colours may be used.
    pub colour: bool,
    /// How much is shown.
    pub verbosity: Verbosity,
}

/// Reasons that are shown of one model.
const SHOWN: usize = 5;
/// Paths longer than this push only their own verdict to the right.
const COLUMN: usize = 60;
/// Width of the labels below a model: `not checked`, and three spaces.
const LABEL: usize = 14;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = Style::new().bold().fg_color(Some(clap::builder::styling::Color::Ansi(AnsiColor::Green)));
const BAD: Style = Style::new().bold().fg_color(Some(clap::builder::styling::Color::Ansi(AnsiColor::Red)));
const ODD: Style = Style::new().bold().fg_color(Some(clap::builder::styling::Color::Ansi(AnsiColor::Yellow)));

/// Writes the report; its error, if it has one, is for [`write_error`].
pub fn write_text(report: &Report, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    if style.verbosity == Verbosity::Silent {
        return Ok(());
    }
    let page = Page { report, style };
    let shown: Vec<&ResultEntry> = report.results.iter().filter(|entry| page.shows(entry)).collect();
    let width = shown.iter().map(|entry| columns(&entry.path)).filter(|width| *width <= COLUMN).max().unwrap_or(0);
    for entry in shown {
        page.entry(entry, width, out)?;
    }
    if let Some(answer) = &report.answer {
        out.write_all(answer.text.as_bytes())?;
    }
    let loud = style.verbosity > Verbosity::Quiet;
    if loud {
        page.written(out)?;
    }
    // What the user should know is not for `--quiet` to hide.
    let width = if report.written.is_empty() || !loud { 4 } else { "wrote".len() };
    let next = report.next.iter().filter(|_| loud).map(|next| ("next", next.as_str()));
    for (label, text) in page.notes().map(|note| ("note", note)).chain(next) {
        writeln!(out, "{}  {}", page.paint(DIM, &format!("{label:width$}")), line(text))?;
    }
    if loud { page.footer(out) } else { Ok(()) }
}

/// Writes why the work could not be done.
pub fn write_error(error: &ReportError, style: TextStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Vec::new();
    if let Some(places) = &error.looked_for {
        rows.push(("looked for", places.as_str()));
    }
    rows.push(("next", error.next.as_str()));
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    writeln!(out, "{}: {}", paint(style, BAD, "error"), line(&error.message))?;
    for (label, text) in rows {
        let label = paint(style, DIM, &format!("{label:width$}"));
        write_lines(out, &format!("  {label}  "), width + 4, text)?;
    }
    Ok(())
}

fn paint(style: TextStyle, with: Style, text: &str) -> String {
    if style.colour { format!("{with}{text}{with:#}") } else { text.to_owned() }
}

/// A text whose line ends are meant: the first line after `first`, the others below it.
fn write_lines(out: &mut dyn Write, first: &str, indent: usize, text: &str) -> io::Result<()> {
    for (number, part) in text.split('\n').enumerate() {
        if number == 0 {
            writeln!(out, "{first}{}", line(part.trim_end()))?;
        } else {
            writeln!(out, "{:indent$}{}", "", line(part.trim()))?;
        }
    }
    Ok(())
}

/// How wide a path is that goes through [`path_line`].
fn columns(path: &str) -> usize {
    path_line(path).chars().count()
}

/// A text with spaces behind it, so that what follows stands in a column.
fn padded(text: Cow<'_, str>, width: usize) -> Cow<'_, str> {
    let short = width.saturating_sub(text.chars().count());
    if short == 0 { text } else { Cow::Owned([&text, " ".repeat(short).as_str()].concat()) }
}

struct Page<'a> {
    report: &'a Report,
    style: TextStyle,
}

impl Page<'_> {
    fn paint(&self, with: Style, text: &str) -> String {
        paint(self.style, with, text)
    }

    fn verbose(&self) -> bool {
        self.style.verbosity == Verbosity::Verbose
    }

    /// What the user should be told besides, the walls that are down included where no line of counts names them.
    fn notes(&self) -> impl Iterator<Item = &str> {
        let bare = self.report.sandbox.as_ref().is_some_and(|walls| !walls.seccomp);
        let down = (bare && !self.report.results.is_empty() && !self.counted())
            .then_some("no walls stood round what read this file; --sandbox required puts them up");
        self.report.notes.iter().map(String::as_str).chain(down)
    }

    fn shows(&self, entry: &ResultEntry) -> bool {
        match entry.verdict {
            Verdict::Refused | Verdict::Failed => true,
            Verdict::Accepted => self.style.verbosity > Verbosity::Quiet,
            Verdict::Skipped => self.verbose(),
        }
    }

    fn entry(&self, entry: &ResultEntry, width: usize, out: &mut dyn Write) -> io::Result<()> {
        let (word, colour) = self.word(entry);
        let path = padded(path_line(&entry.path), width);
        let about = self.headline(entry);
        let (gap, word) = match about.as_str() {
            "" => ("", word.into()),
            _ => ("  ", padded(word.into(), "accepted".len())),
        };
        for part in [&*self.paint(BOLD, &path), "  ", &self.paint(colour, &word), gap, &line(&about), "\n"] {
            out.write_all(part.as_bytes())?;
        }
        self.reasons(entry, out)?;
        if let Some(error) = &entry.error {
            writeln!(out, "  {}   {}", self.paint(BAD, kind(error)), line(&error.message))?;
            self.advice("next", &error.next, out)?;
        }
        let claimed = entry.seal.as_deref();
        if claimed.is_none() {
            self.signers(entry, out)?;
        }
        if let Some(inspected) = &entry.inspected {
            if claimed.is_some() {
                writeln!(out, "  {}", self.paint(BOLD, "observed in the bytes"))?;
            }
            for (label, text) in details::rows(inspected, &entry.model, self.verbose()) {
                self.row(label, &text, out)?;
            }
        }
        if let Some(facts) = claimed {
            writeln!(out, "  {}", self.paint(BOLD, "claimed by the signer, not checked"))?;
            self.signers(entry, out)?;
            let observed = match &entry.inspected {
                Some(Inspected::Model(observation)) => Some(&observation.observed),
                _ => None,
            };
            for (label, text) in details::beside(facts, observed, self.verbose()) {
                self.row(label, &text, out)?;
            }
        }
        self.checked(entry, out)?;
        for note in &entry.notes {
            self.row("note", note, out)?;
        }
        Ok(())
    }

    /// The word for a verdict. A seal that was only looked at is not called accepted: no key said that it may be.
    fn word(&self, entry: &ResultEntry) -> (&'static str, Style) {
        match (entry.verdict, self.report.command) {
            (Verdict::Accepted, Command::Sign) if self.report.error.is_some() => ("not sealed", BAD),
            (Verdict::Accepted, Command::Sign) => ("signed", GOOD),
            // An attack answers with a figure; who asks for twins of a model is told of the model.
            (Verdict::Refused, Command::Fuzz) if self.report.answer.is_some() => ("fault", BAD),
            (Verdict::Accepted, _) if entry.assurance.is_none() => ("readable", ODD),
            (Verdict::Accepted, _) => ("accepted", GOOD),
            (Verdict::Refused, _) => ("refused", BAD),
            (Verdict::Skipped, _) => ("skipped", DIM),
            (Verdict::Failed, _) => ("failed", BAD),
        }
    }

    /// What stands behind the verdict: which model it is if a seal says so, else what the bytes are.
    fn headline(&self, entry: &ResultEntry) -> String {
        if entry.verdict != Verdict::Accepted {
            return String::new();
        }
        details::identity(&entry.model).unwrap_or_else(|| details::nature(&entry.model, entry.size))
    }

    fn reasons(&self, entry: &ResultEntry, out: &mut dyn Write) -> io::Result<()> {
        let all = self.verbose() || self.report.command == Command::Inspect;
        let shown = if all { entry.reasons.len() } else { SHOWN };
        let width = entry.reasons.iter().take(shown).map(|reason| reason.code.text().len()).max().unwrap_or(0);
        for reason in entry.reasons.iter().take(shown) {
            let code = format!("{:width$}", reason.code.text());
            writeln!(out, "  {}   {}", self.paint(BAD, &code), line(&met(reason)))?;
            self.advice("why", &reason.why, out)?;
            self.advice("next", &reason.next, out)?;
        }
        let left = entry.reasons.len().saturating_sub(shown) as u64;
        match (left, entry.more) {
            (0, 0) => Ok(()),
            (0, more) => writeln!(out, "  … {more} more"),
            (left, more) => writeln!(out, "  … {} more: -v", left.saturating_add(more)),
        }
    }

    fn advice(&self, label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let label = self.paint(DIM, &format!("{label:4}"));
        write_lines(out, &format!("    {label}  "), 10, text)
    }

    fn row(&self, label: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let label = self.paint(DIM, &format!("{label:LABEL$}"));
        writeln!(out, "  {label}{}", line(text))
    }

    fn signers(&self, entry: &ResultEntry, out: &mut dyn Write) -> io::Result<()> {
        for signer in &entry.signers {
            let text = details::signer(signer, self.verbose());
            // Whom nobody trusts has signed, too, but counts for nothing; `inspect` and `sign` ask nobody.
            let asked = !matches!(self.report.command, Command::Inspect | Command::Sign);
            let doubt = match &signer.name {
                _ if !asked || signer.trusted => "",
                Some(_) => ", which does not hold",
                None => ", whom you do not trust",
            };
            self.row("signed by", &format!("{text}{doubt}"), out)?;
        }
        Ok(())
    }

    fn checked(&self, entry: &ResultEntry, out: &mut dyn Write) -> io::Result<()> {
        if entry.verdict != Verdict::Accepted {
            return Ok(());
        }
        let lists = self.verbose() || !matches!(self.report.command, Command::Scan | Command::Diff);
        if self.verbose() && entry.inspected.is_none() && details::identity(&entry.model).is_some() {
            self.row("model", &details::nature(&entry.model, entry.size), out)?;
        }
        if let Some(assurance) = entry.assurance.filter(|found| *found == Assurance::Names || self.verbose()) {
            self.row("assurance", details::assurance(assurance), out)?;
        }
        if lists && !entry.checked.is_empty() {
            self.row("checked", &entry.checked.join(", "), out)?;
        }
        let claimed = match entry.claimed.as_slice() {
            [] => None,
            claims => Some(format!("claimed by the signer: {}", claims.join(", "))),
        };
        let parts = [(!entry.not_checked.is_empty()).then(|| entry.not_checked.join(", ")), claimed];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if lists && !parts.is_empty() {
            self.row("not checked", &parts.join("; "), out)?;
        }
        Ok(())
    }

    fn written(&self, out: &mut dyn Write) -> io::Result<()> {
        let width = self.report.written.iter().map(|file| columns(&file.path)).max().unwrap_or(0);
        for file in &self.report.written {
            let path = self.paint(BOLD, &format!("{:width$}", path_line(&file.path)));
            writeln!(out, "{}  {path}  {}", self.paint(GOOD, "wrote"), line(&file.about))?;
        }
        Ok(())
    }

    /// Whether models are counted at the end. One verified model needs no counting.
    fn counted(&self) -> bool {
        let results = self.report.results.len();
        if self.report.command == Command::Fuzz {
            return false;
        }
        let single = results == 1 && self.report.command != Command::Scan && !self.verbose();
        results > 0 && !single && self.style.verbosity > Verbosity::Quiet
    }

    /// Counts and walls.
    fn footer(&self, out: &mut dyn Write) -> io::Result<()> {
        if !self.counted() {
            return Ok(());
        }
        let counts = self.report.counts();
        let models = counts.accepted + counts.refused + counts.failed;
        let plural = if models == 1 { "" } else { "s" };
        let failed = if counts.failed > 0 { format!(", {} failed", counts.failed) } else { String::new() };
        let walls = self.report.sandbox.as_ref().map(|walls| format!("; sandbox: {walls}")).unwrap_or_default();
        writeln!(
            out,
            "{models} model{plural}: {} accepted, {} refused, {} skipped{failed}{walls}",
            counts.accepted, counts.refused, counts.skipped
        )
    }
}

/// What was met and where, each said once.
fn met(reason: &Finding) -> String {
    let mut text = reason.message.clone();
    if let Some(offset) = reason.offset.map(|offset| format!("byte {offset}"))
        && !text.contains(&offset)
    {
        text.push_str(&format!(" at {offset}"));
    }
    if let Some(place) = reason.place.as_ref().filter(|place| !text.contains(place.as_str())) {
        text.push_str(&format!(", in {place}"));
    }
    text
}

fn kind(error: &ReportError) -> &'static str {
    use crate::job::FailureKind;
    match error.kind {
        FailureKind::Usage => "usage",
        FailureKind::NotFound => "not-found",
        FailureKind::Io => "io",
        FailureKind::Key => "key",
        FailureKind::Policy => "policy",
        FailureKind::Sandbox => "sandbox",
        FailureKind::Memory => "memory",
        FailureKind::Internal => "internal",
    }
}
