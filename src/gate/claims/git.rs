//! The commit of the repository around a folder, from the files of `.git`: git itself runs programs that a repository names
//! (`core.fsmonitor`, filters), so it is not run. See `gitrepository-layout(5)`.

use crate::bytes::Source;
use crate::manifest::{SourceCommit, is_commit};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Longest file with one line in it: `HEAD`, a reference, `gitdir:`, `commondir`.
const MAX_LINE: u64 = 4 << 10;
/// Longest `packed-refs`.
const MAX_PACKED: u64 = 64 << 20;
/// References that lead to one another, at most.
const MAX_STEPS: usize = 5;

/// The commit that is checked out, if there is a repository and it says so. What can not be read is no commit.
pub(super) fn commit(folder: &Path) -> Option<SourceCommit> {
    let git = folder.ancestors().find_map(repository)?;
    let common = line(&git.join("commondir")).map_or_else(|| git.clone(), |common| git.join(common));
    let mut text = line(&git.join("HEAD"))?;
    for _ in 0..MAX_STEPS {
        let Some(reference) = text.strip_prefix("ref:") else { break };
        let reference = reference.trim();
        if !is_reference(reference) {
            return None;
        }
        let loose = [&git, &common].into_iter().find_map(|folder| line(&folder.join(reference)));
        text = loose.or_else(|| packed(&common, reference))?;
    }
    is_commit(&text).then(|| SourceCommit { commit: text, found: "git".to_owned() })
}

/// The repository's own folder: `.git`, or where a file of that name leads (a worktree, a submodule).
fn repository(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let leads = line(&git)?;
    Some(folder.join(leads.strip_prefix("gitdir:")?.trim()))
}

/// Whether a text names a reference below `refs/`, and nothing outside of it (`git-check-ref-format(1)`).
fn is_reference(text: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains("..");
    let odd = |c: char| c.is_control() || matches!(c, ' ' | '\\' | ':' | '?' | '*' | '[' | '~' | '^');
    text.starts_with("refs/") && !text.contains(odd) && text.split('/').all(plain)
}

/// The only line of a small file.
fn line(path: &Path) -> Option<String> {
    let text = text(path, MAX_LINE)?;
    let line = text.trim_end_matches(['\n', '\r']);
    (!line.contains('\n')).then(|| line.to_owned())
}

fn packed(common: &Path, reference: &str) -> Option<String> {
    let text = text(&common.join("packed-refs"), MAX_PACKED)?;
    let of = |line: &str| line.strip_suffix(reference)?.strip_suffix(' ').map(str::to_owned);
    text.lines().filter(|line| !line.starts_with(['#', '^'])).find_map(of)
}

/// A regular file of at most this size; a pipe would keep us waiting.
fn text(path: &Path, most: u64) -> Option<String> {
    let source = Source::open(path).ok().filter(|source| source.size() <= most)?;
    let mut text = String::new();
    source.file().take(most).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn found(files: &[(&str, &str)], from: &str) -> Option<String> {
        let folder = tree(files);
        fs::create_dir_all(folder.path().join(from)).unwrap();
        // The folder of the test itself may stand in a repository.
        let found = commit(&folder.path().join(from))?;
        [ONE, TWO].contains(&found.commit.as_str()).then_some(found.commit)
    }

    #[test]
    fn a_branch_a_tag_or_a_bare_commit_is_found_from_below() {
        let one = Some(ONE.to_owned());
        let loose = [(".git/HEAD", "ref: refs/heads/main\n"), (".git/refs/heads/main", &format!("{ONE}\n"))];
        assert_eq!(found(&loose, "a/b"), one);
        assert_eq!(found(&[(".git/HEAD", &format!("{ONE}\n"))], ""), one);
        let packed = format!(
            "# pack-refs with: peeled fully-peeled sorted \n{TWO} refs/heads/a/main\n{ONE} refs/heads/main\n^{TWO}\n"
        );
        assert_eq!(found(&[(".git/HEAD", "ref: refs/heads/main\n"), (".git/packed-refs", &packed)], ""), one);
        // A loose reference is newer than a packed one.
        let both = [loose[0], (".git/refs/heads/main", TWO), (".git/packed-refs", &packed)];
        assert_eq!(found(&both, ""), Some(TWO.to_owned()));
        let worktree = [
            ("repo/.git/packed-refs", packed.as_str()),
            ("repo/.git/worktrees/w/HEAD", "ref: refs/heads/main\n"),
            ("repo/.git/worktrees/w/commondir", "../..\n"),
            ("w/.git", "gitdir: ../repo/.git/worktrees/w\n"),
        ];
        assert_eq!(found(&worktree, "w/src"), one);
    }

    #[test]
    fn what_is_no_commit_is_none() {
        let long = "1".repeat(41);
        for head in
            ["", "ref: refs/heads/main\n", "main\n", &long, &ONE[1..], &format!("{ONE}\n{ONE}\n"), &"1".repeat(5000)]
        {
            assert_eq!(found(&[(".git/HEAD", head)], ""), None, "{head}");
        }
        for reference in
            ["refs/../secret", "../secret", "/etc/passwd", "refs/heads/..", "refs//x", "refs/a\\b", "secret"]
        {
            let files = [
                (".git/HEAD", format!("ref: {reference}\n")),
                ("secret", ONE.to_owned()),
                (".git/secret", ONE.to_owned()),
            ];
            let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
            assert_eq!(found(&files, ""), None, "{reference}");
        }
        assert_eq!(found(&[(".git/HEAD", "ref: refs/x\n"), (".git/refs/x", "ref: refs/x\n")], ""), None, "a circle");
        assert_eq!(found(&[(".git", "gitdir: nowhere\n")], ""), None);
    }
}
