//! Trees of points, which scipy saves as their memory: whoever loads one follows the places of its nodes, and writes there.

use crate::opcodes::*;

/// A node of a `cKDTree`: its axis, its first point and the one behind its last, and where its halves stand.
type Node = [i64; 5];

/// As scipy 1.15 saves those of `cKDTree(np.arange(5.0)[:, None], leafsize=2)`.
const NODES: [Node; 5] = [[0, 0, 5, 1, 2], [-1, 0, 2, 0, 0], [0, 2, 5, 3, 4], [-1, 2, 3, 0, 0], [-1, 3, 5, 0, 0]];

fn bytes_of(nodes: &[Node]) -> Vec<u8> {
    let words = |[axis, start, end, less, greater]: Node| [axis, end - start, 0, start, end, -1, -1, less, greater];
    nodes.iter().flat_map(|node| words(*node)).flat_map(i64::to_le_bytes).collect()
}

fn nodes_of(bytes: &[u8]) -> Ops {
    let dtype = build(dtype_call("S1"), dtype_state("|", 1, 1, 0));
    array_of(&[i32::try_from(bytes.len()).unwrap()], &dtype, bytes)
}

fn floats(shape: &[i32]) -> Ops {
    let count = shape.iter().product::<i32>() as usize;
    array_of(shape, &dtype("f8"), &vec![0; 8 * count])
}

fn places(of: &[i64]) -> Ops {
    let bytes: Vec<u8> = of.iter().flat_map(|place| place.to_le_bytes()).collect();
    array_of(&[of.len() as i32], &dtype("i8"), &bytes)
}

/// The parts of the state of five points in one axis.
fn parts() -> [Ops; 10] {
    let none = || NONE.into();
    let order = places(&[0, 1, 2, 3, 4]);
    [
        nodes_of(&bytes_of(&NODES)),
        floats(&[5, 1]),
        int(5),
        int(1),
        int(2),
        floats(&[1]),
        floats(&[1]),
        order,
        none(),
        none(),
    ]
}

fn tree(state: &[Ops]) -> Vec<u8> {
    pickle4(build(new(global("scipy.spatial._ckdtree", "cKDTree")), tuple(state)))
}

/// With other parts in the places of some.
fn with(others: &[(usize, Ops)]) -> Vec<u8> {
    let mut parts = parts();
    for (at, other) in others {
        parts[*at] = other.clone();
    }
    tree(&parts)
}

#[test]
fn a_tree_of_points_is_read_and_one_that_leads_elsewhere_is_refused() {
    let honest = tree(&parts());
    accepted(&honest);
    let changed = |node: usize, part: usize, value: i64| {
        let mut nodes = NODES;
        nodes[node][part] = value;
        with(&[(0, nodes_of(&bytes_of(&nodes)))])
    };
    for (node, part, value) in [
        (0, 3, 0),
        (0, 3, 1 << 40),
        (0, 4, -1),
        (0, 4, 1),
        (0, 4, 4),
        (2, 3, 0),
        (2, 0, -2),
        (4, 0, 0),
        (4, 2, 2),
        (3, 1, -1),
    ] {
        told_apart(&changed(node, part, value), "structure-invalid", "of the tree is not where", &honest);
    }
    let bytes = bytes_of(&NODES);
    for nodes in [&bytes[..0], &bytes[..72], &bytes[..bytes.len() - 1], &[&bytes[..], &[0; 72]].concat()] {
        told_apart(&with(&[(0, nodes_of(nodes))]), "structure-invalid", "of the tree is not where", &honest);
    }
    told_apart(&changed(0, 0, 1), "structure-invalid", "tree holds 1, and there are 1", &honest);
    let longer = |end: i64| changed(4, 2, end);
    told_apart(&longer(6), "structure-invalid", "the points of the leaves is 6, and data says 5", &honest);
    told_apart(&longer(4), "structure-invalid", "the points of the leaves is 4, and data says 5", &honest);
}

#[test]
fn the_parts_of_a_tree_of_points_belong_together() {
    let honest = tree(&parts());
    let columns = array_of(&[5, 2], &dtype("f8"), &[0; 80]);
    let by_columns =
        build(empty_array(), tuple(&[int(1), tuple(&[int(5), int(2)]), dtype("f8"), TRUE.into(), bytes(&[0; 80])]));
    let wide = |data: &Ops| with(&[(1, data.clone()), (3, int(2)), (5, floats(&[2])), (6, floats(&[2]))]);
    told_apart(&wide(&by_columns), "structure-invalid", "data holds float64", &wide(&columns));
    let big = build(dtype_call("i8"), dtype_state(">", -1, -1, 0));
    for (at, other, words) in [
        (1, floats(&[4, 1]), "n is 5, and data says 4"),
        (1, floats(&[5]), "data has the shape (5,)"),
        (1, array_of(&[5, 1], &dtype("f4"), &[0; 20]), "data holds float32"),
        (2, int(6), "n is 6"),
        (3, int(2), "m is 2"),
        (4, int(0), "leafsize is 0"),
        (5, floats(&[0]), "maxes has the shape (0,)"),
        (6, floats(&[2]), "mins has the shape (2,)"),
        (7, places(&[0, 1, 2, 3]), "indices has the shape (4,)"),
        (7, places(&[0, 1, 2, 3, 5]), "indices holds 5"),
        (7, places(&[0, 1, 2, 3, -1]), "indices holds -1"),
        (7, array_of(&[5], &dtype("i4"), &[0; 20]), "indices holds int32"),
        (7, array_of(&[5], &big, &[0; 40]), "indices holds"),
        (0, array_of(&[360], &dtype("u1"), &bytes_of(&NODES)), "tree holds uint8"),
    ] {
        told_apart(&with(&[(at, other)]), "structure-invalid", words, &honest);
    }
    for (at, other) in
        [(0, bytes(&bytes_of(&NODES))), (1, list(&[float(0.0)])), (2, float(5.0)), (8, int(1)), (9, text("x"))]
    {
        told_apart(&with(&[(at, other)]), "misused-global", "its state is something else", &honest);
    }
    told_apart(&tree(&parts()[..9]), "misused-global", "its state is something else", &honest);
    let never_given = pickle4(new(global("scipy.spatial._ckdtree", "cKDTree")));
    told_apart(&never_given, "structure-invalid", "the state of a tree is missing", &honest);
    let called = pickle4(call(global("scipy.spatial._ckdtree", "cKDTree"), &[floats(&[5, 1])]));
    told_apart(&called, "misused-global", "it is called", &honest);
}

/// Who asks for a place outside of the box goes around it until he is in.
#[test]
fn a_box_has_lengths_that_lead_into_it() {
    let boxed = |length: f64| with(&[(8, array(&[length])), (9, array(&[length, length / 2.0]))]);
    for length in [0.0, 1e-10, 1.0, 1e300] {
        accepted(&boxed(length));
    }
    for length in [1e-300, 9e-11, -1.0, f64::NAN, f64::INFINITY] {
        told_apart(&boxed(length), "structure-invalid", "boxsize_data holds a length", &boxed(1.0));
    }
    for (lengths, halves, words) in [
        (array(&[1.0]), array(&[1.0]), "boxsize_data has the shape (1,)"),
        (array(&[1.0, 1.0]), array(&[1.0, 0.5]), "boxsize has the shape (2,)"),
        (NONE.into(), array(&[1.0, 0.5]), "boxsize is None"),
        (array(&[1.0]), NONE.into(), "boxsize_data is None"),
    ] {
        told_apart(&with(&[(8, lengths), (9, halves)]), "structure-invalid", words, &boxed(1.0));
    }
}

#[test]
fn a_radial_function_of_neighbors_has_as_many_points_as_neighbors() {
    let of = |neighbors: Ops, tree: Ops| {
        let data = || floats(&[5, 1]);
        let kind = global("numpy", "float64");
        let points =
            [data(), data(), tuple(&[]), kind, neighbors, floats(&[5]), text("linear"), float(1.0), floats(&[1, 1])];
        let state = tuple(&[tuple(&points), tuple(&[tree])]);
        pickle4(build(new(global("scipy.interpolate._rbfinterp", "RBFInterpolator")), state))
    };
    let class = || new(global("scipy.spatial._kdtree", "KDTree"));
    let tree = || build(class(), tuple(&parts()));
    let honest = of(int(3), tree());
    for neighbors in [0, -1, 6, i32::MAX] {
        told_apart(&of(int(neighbors), tree()), "misused-global", "do not belong together", &honest);
    }
    told_apart(&of(int(3), class()), "misused-global", "its state is something else", &honest);
    told_apart(&of(int(3), floats(&[1])), "misused-global", "its state is something else", &honest);
}
