//! Arrays that compiled code indexes by, larger than what is kept of arrays: in protocol 5 their bytes stream past before it is known what
//! they are, and the file is read again. The files of `tests/data/structure` have the kinds of estimators.

use crate::opcodes::*;

/// Numbers of four bytes in an array that is too large to be kept.
const COUNT: usize = 5000;

/// The bytes of a large array, as `bytes` or `bytearray` with a length of eight bytes.
fn long(opcode: u8, data: &[u8]) -> Ops {
    ops![[opcode], (data.len() as u64).to_le_bytes(), data]
}

fn ints(numbers: impl Iterator<Item = i32>) -> Vec<u8> {
    numbers.flat_map(i32::to_le_bytes).collect()
}

/// `_frombuffer(data, dtype, shape, 'C')`, as numpy writes arrays in protocol 5.
fn from_buffer(data: Ops, code: &str, count: usize) -> Ops {
    let callee = global("numpy.core.numeric", "_frombuffer");
    call(callee, &[data, dtype(code), tuple(&[int(count as i32)]), text("C")])
}

/// A sparse matrix of one row, by its indices.
fn row(columns: i32, indices: Ops, count: usize) -> Ops {
    let state = [
        ("_shape", tuple(&[int(1), int(columns)])),
        ("maxprint", int(50)),
        ("data", from_buffer(long(0x96, &vec![0; count]), "u1", count)),
        ("indices", indices),
        ("indptr", from_buffer(bytes(&ints([0, count as i32].into_iter())), "i4", 2)),
    ];
    build(new(global("scipy.sparse._csr", "csr_matrix")), dict(&state))
}

fn indices_to(last: i32) -> Vec<u8> {
    ints((0..COUNT as i32 - 1).chain([last]))
}

#[test]
fn large_indices_are_judged_in_every_protocol_and_whatever_the_pieces() {
    let five = |last| pickle(5, row(COUNT as i32, from_buffer(long(0x96, &indices_to(last)), "i4", COUNT), COUNT));
    let four = |last| {
        let state = array_state(&[COUNT as i32], &dtype("i4"), long(0x8e, &indices_to(last)));
        pickle(5, row(COUNT as i32, build(empty_array(), state), COUNT))
    };
    let last = COUNT as i32 - 1;
    for write in [&five as &dyn Fn(i32) -> Ops, &four] {
        for outside in [last + 1, i32::MAX, -1] {
            told_apart(&write(outside), "structure-invalid", "indices holds", &write(last));
        }
        for window in [1, 7, 4096] {
            let limits = limits(&["time=600"]);
            assert_eq!(judge_with(&write(last + 1), &limits, window).codes(), ["structure-invalid"], "{window}");
            assert_eq!(judge_with(&write(last), &limits, window).codes(), [""; 0], "{window}");
        }
    }
}

#[test]
fn bytes_are_judged_as_the_elements_of_every_array_that_has_them() {
    // As numbers of two bytes these are 0 and 7.
    let shared = long(0x8e, &ints(std::iter::repeat_n(7 << 16, COUNT)));
    let matrices = |columns: [i32; 2]| {
        let short = row(columns[0], from_buffer(put(&shared, 9), "i2", 2 * COUNT), 2 * COUNT);
        pickle(5, list(&[short, row(columns[1], from_buffer(get(9), "i4", COUNT), COUNT)]))
    };
    let honest = matrices([8, (7 << 16) + 1]);
    told_apart(&matrices([8, 8]), "structure-invalid", "indices holds 458752, and there are 8", &honest);
    told_apart(&matrices([7, (7 << 16) + 1]), "structure-invalid", "indices holds 7, and there are 7", &honest);
}

#[test]
fn bytes_that_are_the_elements_of_many_kinds_of_arrays_are_refused() {
    let shared = long(0x8e, &[0; 4 * COUNT]);
    let matrices = |codes: &[(&str, usize)]| {
        let row = |(index, (code, size)): (usize, &(&str, usize))| {
            let data = if index == 0 { put(&shared, 9) } else { get(9) };
            row(1, from_buffer(data, code, 4 * COUNT / size), 4 * COUNT / size)
        };
        pickle(5, list(&codes.iter().enumerate().map(row).collect::<Vec<_>>()))
    };
    let honest = matrices(&[("i4", 4), ("u4", 4), ("i4", 4)]);
    let hostile = matrices(&[("i4", 4), ("u4", 4), ("i2", 2)]);
    told_apart(&hostile, "structure-invalid", "shared so often", &honest);
}

/// `_restore_array` of so much text, by its places.
fn places_of_text(length: i32, offset: i32, places: Ops, letters: usize) -> Ops {
    let buffer = |data: Ops| call(global("pyarrow.lib", "py_buffer"), &[data]);
    let of = call(global("pyarrow.lib", "type_for_alias"), &[text("string")]);
    let buffers = list(&[NONE.into(), buffer(places), buffer(bytes(&vec![b'a'; letters]))]);
    let parts = [of, int(length), int(0), int(offset), buffers, list(&[]), NONE.into()];
    pickle(5, call(global("pyarrow.lib", "_restore_array"), &[tuple(&parts)]))
}

#[test]
fn places_of_text_rise_and_lie_in_it() {
    let with = |places: &[i32]| places_of_text(3, 0, bytes(&ints(places.iter().copied())), 6);
    let honest = with(&[0, 2, 5, 6]);
    told_apart(&with(&[0, 2, 5, 1 << 30]), "structure-invalid", "the places of text holds 1073741824", &honest);
    told_apart(&with(&[-1, 2, 5, 6]), "structure-invalid", "the places of text holds -1", &honest);
    told_apart(&with(&[0, 5, 2, 6]), "structure-invalid", "the places of text do not rise", &honest);
    // What stands behind the last one is not read.
    told_apart(&with(&[0, 2, 5, 0, 6]), "structure-invalid", "the places of text do not rise", &with(&[0, 2, 5, 6, 0]));
    let few = |length, offset| places_of_text(length, offset, bytes(&ints([0, 2].into_iter())), 6);
    told_apart(&few(0, 9), "structure-invalid", "the places of text do not rise", &few(0, 1));
    let none = |offset| places_of_text(0, offset, bytes(&[]), 6);
    told_apart(&none(9), "structure-invalid", "the places of text is missing", &none(0));
}

#[test]
fn places_of_long_text_are_judged_whatever_the_pieces() {
    let with = |last: i32| {
        let places = ints((0..COUNT as i32).chain([last]));
        places_of_text(COUNT as i32, 0, long(0x96, &places), COUNT)
    };
    let honest = with(COUNT as i32);
    told_apart(&with(COUNT as i32 + 1), "structure-invalid", "the places of text holds 5001", &honest);
    told_apart(&with(0), "structure-invalid", "the places of text do not rise", &honest);
    for window in [1, 7, 4096] {
        let limits = limits(&["time=600"]);
        assert_eq!(judge_with(&with(0), &limits, window).codes(), ["structure-invalid"], "{window}");
        assert_eq!(judge_with(&honest, &limits, window).codes(), [""; 0], "{window}");
    }
}

#[test]
fn large_runs_of_a_sparse_column_are_judged() {
    let column = |starts: Vec<u8>, lengths: Vec<u8>, values: usize| {
        let of = |data: Vec<u8>| from_buffer(long(0x96, &data), "i4", data.len() / 4);
        let runs = [int(i32::MAX), of(starts), of(lengths)];
        let state = [
            ("_sparse_index", call(global("pandas._libs.sparse", "BlockIndex"), &runs)),
            ("_sparse_values", from_buffer(long(0x96, &vec![0; values]), "u1", values)),
        ];
        pickle(5, build(new(global("pandas.core.arrays.sparse.array", "SparseArray")), dict(&state)))
    };
    let starts = |first: i32| ints([first].into_iter().chain((1..COUNT as i32).map(|at| 10 * at)));
    let lengths = |last: i32| ints((1..COUNT as i32).map(|_| 2).chain([last]));
    let honest = column(starts(0), lengths(3), 2 * COUNT + 1);
    told_apart(&column(starts(0), lengths(3), 2 * COUNT), "structure-invalid", "_sparse_values has the shape", &honest);
    told_apart(&column(starts(-1), lengths(3), 2 * COUNT + 1), "structure-invalid", "blocs is -1", &honest);
    for less in [0, -9] {
        let wanted = format!("blengths is {less}");
        let values = (2 * COUNT as i32 - 2 + less) as usize;
        told_apart(&column(starts(0), lengths(less), values), "structure-invalid", &wanted, &honest);
    }
    // Where the last one ends is more than pandas can add up.
    let far = ints((0..COUNT as i32 - 1).chain([i32::MAX - 2]));
    told_apart(&column(far, lengths(3), 2 * COUNT + 1), "structure-invalid", "the end of a block is", &honest);
    told_apart(&column(starts(0), ints(1..3), 3), "structure-invalid", "the number of blengths", &honest);
}

/// A model of the package hdbscan of so many rows, whose last joint is this one, and whose last cluster stands so in another.
fn hdbscan(rows: i32, last: [f64; 2], parent: i64) -> Ops {
    let joint = |at: i32| [if at == 0 { 0.0 } else { f64::from(rows + at - 1) }, f64::from(at + 1)];
    let joints = (0..rows - 2).map(joint).chain([last]);
    let joints: Vec<u8> = joints.flat_map(|[a, b]| [a, b, 1.0, 2.0]).flat_map(f64::to_le_bytes).collect();
    let links = (0..i64::from(rows) - 1).map(|row| [i64::from(rows), row]).chain([[parent, i64::from(rows) - 1]]);
    let links: Vec<u8> = links.flat_map(|[of, row]| [of, row, 0, 1]).flat_map(i64::to_le_bytes).collect();
    let condensed = packed(&[("parent", "i8"), ("child", "i8"), ("lambda_val", "f8"), ("child_size", "i8")]);
    let array =
        |shape: &[i32], dtype: &Ops, data: &[u8]| build(empty_array(), array_state(shape, dtype, long(0x8e, data)));
    let state = [
        ("_single_linkage_tree", array(&[rows - 1, 4], &dtype("f8"), &joints)),
        ("_condensed_tree", array(&[rows], &condensed, &links)),
    ];
    pickle(4, build(new(global("hdbscan.hdbscan_", "HDBSCAN")), dict(&state)))
}

#[test]
fn what_the_package_hdbscan_joins_are_rows_and_clusters_whether_kept_or_not() {
    for rows in [20, 5000] {
        let end = [f64::from(2 * rows - 3), f64::from(rows - 1)];
        let judged = |last: [f64; 2], parent: i64| {
            judge_allowing(&hdbscan(rows, last, parent), &["hdbscan.hdbscan_.HDBSCAN"], &[])
        };
        assert_eq!(judged(end, rows.into()).codes(), [""; 0]);
        for outside in [f64::from(2 * rows), 1e300, -1.0, f64::NAN, f64::INFINITY] {
            for last in [[outside, 0.0], [0.0, outside]] {
                let found = judged(last, rows.into());
                assert_eq!(found.codes(), ["structure-invalid"], "{rows} {outside}");
                assert!(found.findings[0].message.contains("_single_linkage_tree"), "{:?}", found.findings);
            }
        }
        for outside in [-1, i64::from(rows) + 2, i64::MAX] {
            let found = judged(end, outside);
            assert_eq!(found.codes(), ["structure-invalid"], "{rows} {outside}");
            assert!(found.findings[0].message.contains("_condensed_tree"), "{:?}", found.findings);
        }
    }
}

#[test]
fn clusters_say_how_many_features_they_take_whatever_version_they_are_said_to_be_of() {
    let centers = || array_of(&[1, 2], &dtype("f8"), &[0; 16]);
    let with = |version: Ops, more: &[(&str, Ops)]| {
        let parts = [("cluster_centers_", centers()), ("_n_threads", int(1)), ("_sklearn_version", version)];
        pickle4(build(new(global("sklearn.cluster._kmeans", "KMeans")), dict(&[&parts, more].concat())))
    };
    for version in ["0.1.0", "1.6.1"] {
        let honest = with(text(version), &[("n_features_in_", int(2))]);
        told_apart(&with(text(version), &[]), "structure-invalid", "n_features_in_ is missing", &honest);
        let other = with(text(version), &[("n_features_in_", int(3))]);
        refused(&other, "structure-invalid", "n_features_in_ is 3");
    }
}
