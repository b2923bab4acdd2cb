//! Numbers kept in an order that is asked for, with places: a weight-balanced tree, whose nodes know how many they carry.
//!
//! Insert, remove, place of a number and number at a place take O(log n), whoever chooses the order; 16 bytes a number.
//! The bounds are those of Hirai and Yamamoto, "Balancing weight-balanced trees" (2011): they hold after one rotation.

use std::cmp::Ordering;

const NIL: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    left: u32,
    right: u32,
    /// Numbers in this subtree.
    count: u32,
    /// Marked numbers in this subtree; the top bit is this node's own mark.
    marks: u32,
}

const MARK: u32 = 1 << 31;
const EMPTY: Node = Node { left: NIL, right: NIL, count: 0, marks: 0 };

/// Numbers in order. The order itself is passed to each call: it must be the same for all numbers inside.
#[derive(Clone, Debug)]
pub struct Order {
    nodes: Vec<Node>,
    root: u32,
}

impl Default for Order {
    fn default() -> Self {
        Self { nodes: Vec::new(), root: NIL }
    }
}

/// One side weighs at most so many times the other.
const DELTA: u64 = 3;
/// One rotation is enough while the inner side of the heavy one weighs less than so many times its outer side.
const GAMMA: u64 = 2;

impl Order {
    /// How many numbers.
    pub fn len(&self) -> usize {
        self.node(self.root).count as usize
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.root == NIL
    }

    /// Whether a number is inside.
    pub fn has(&self, id: u32) -> bool {
        self.node(id).count > 0
    }

    fn node(&self, id: u32) -> Node {
        self.nodes.get(id as usize).copied().unwrap_or(EMPTY)
    }

    fn set(&mut self, id: u32, left: u32, right: u32) {
        let (l, r) = (self.node(left), self.node(right));
        if let Some(n) = self.nodes.get_mut(id as usize) {
            let own = n.marks & MARK;
            let below =
                (l.marks & !MARK) + u32::from(l.marks & MARK != 0) + (r.marks & !MARK) + u32::from(r.marks & MARK != 0);
            *n = Node { left, right, count: l.count + r.count + 1, marks: own | below };
        }
    }

    fn marked(&self, id: u32) -> u32 {
        let marks = self.node(id).marks;
        (marks & !MARK) + u32::from(marks & MARK != 0)
    }

    /// Puts a number in. It must not be inside.
    pub fn insert(&mut self, id: u32, cmp: &impl Fn(u32, u32) -> Ordering) {
        if self.nodes.len() <= id as usize {
            self.nodes.resize(id as usize + 1, EMPTY);
        }
        self.root = self.insert_at(self.root, id, cmp);
    }

    fn insert_at(&mut self, at: u32, id: u32, cmp: &impl Fn(u32, u32) -> Ordering) -> u32 {
        if at == NIL {
            self.set(id, NIL, NIL);
            return id;
        }
        let Node { left, right, .. } = self.node(at);
        if cmp(id, at) == Ordering::Less {
            let left = self.insert_at(left, id, cmp);
            self.balance(at, left, right)
        } else {
            let right = self.insert_at(right, id, cmp);
            self.balance(at, left, right)
        }
    }

    /// How heavy what is below `id` is, itself included.
    fn weight(&self, id: u32) -> u64 {
        u64::from(self.node(id).count) + 1
    }

    /// Makes a tree of `at` and its two sides, of which one has gained or lost a number; its root.
    fn balance(&mut self, at: u32, left: u32, right: u32) -> u32 {
        if self.weight(right) > DELTA * self.weight(left) {
            let Node { left: inner, right: outer, .. } = self.node(right);
            if self.weight(inner) < GAMMA * self.weight(outer) {
                self.set(at, left, inner);
                self.set(right, at, outer);
                return right;
            }
            let middle = self.node(inner);
            self.set(at, left, middle.left);
            self.set(right, middle.right, outer);
            self.set(inner, at, right);
            return inner;
        }
        if self.weight(left) > DELTA * self.weight(right) {
            let Node { left: outer, right: inner, .. } = self.node(left);
            if self.weight(inner) < GAMMA * self.weight(outer) {
                self.set(at, inner, right);
                self.set(left, outer, at);
                return left;
            }
            let middle = self.node(inner);
            self.set(at, middle.right, right);
            self.set(left, outer, middle.left);
            self.set(inner, left, at);
            return inner;
        }
        self.set(at, left, right);
        at
    }

    /// One tree of two sides whose root is gone.
    fn join(&mut self, left: u32, right: u32) -> u32 {
        if left == NIL {
            return right;
        }
        if right == NIL {
            return left;
        }
        if self.weight(left) > self.weight(right) {
            let (last, rest) = self.take_last(left);
            self.balance(last, rest, right)
        } else {
            let (first, rest) = self.take_first(right);
            self.balance(first, left, rest)
        }
    }

    /// The first number below `at`, and the tree of the rest.
    fn take_first(&mut self, at: u32) -> (u32, u32) {
        let Node { left, right, .. } = self.node(at);
        if left == NIL {
            return (at, right);
        }
        let (first, rest) = self.take_first(left);
        (first, self.balance(at, rest, right))
    }

    /// The last number below `at`, and the tree of the rest.
    fn take_last(&mut self, at: u32) -> (u32, u32) {
        let Node { left, right, .. } = self.node(at);
        if right == NIL {
            return (at, left);
        }
        let (last, rest) = self.take_last(right);
        (last, self.balance(at, left, rest))
    }

    /// Takes a number out. The order must still be the one under which it went in.
    pub fn remove(&mut self, id: u32, cmp: &impl Fn(u32, u32) -> Ordering) {
        if self.has(id) {
            self.root = self.remove_at(self.root, id, cmp);
            if let Some(n) = self.nodes.get_mut(id as usize) {
                *n = EMPTY;
            }
        }
    }

    fn remove_at(&mut self, at: u32, id: u32, cmp: &impl Fn(u32, u32) -> Ordering) -> u32 {
        let Node { left, right, .. } = self.node(at);
        if at == id {
            return self.join(left, right);
        }
        if at == NIL {
            return NIL;
        }
        if cmp(id, at) == Ordering::Less {
            let left = self.remove_at(left, id, cmp);
            self.balance(at, left, right)
        } else {
            let right = self.remove_at(right, id, cmp);
            self.balance(at, left, right)
        }
    }

    /// How many numbers come before those for which `before` is false. It must be true for a beginning of the order.
    pub fn count_before(&self, before: impl Fn(u32) -> bool) -> u32 {
        let (mut at, mut sum) = (self.root, 0);
        while at != NIL {
            let n = self.node(at);
            if before(at) {
                sum += self.node(n.left).count + 1;
                at = n.right;
            } else {
                at = n.left;
            }
        }
        sum
    }

    /// The place of a number that is inside, from 0.
    pub fn place(&self, id: u32, cmp: &impl Fn(u32, u32) -> Ordering) -> Option<u32> {
        self.has(id).then(|| self.count_before(|other| cmp(other, id) == Ordering::Less))
    }

    /// The number at a place.
    pub fn at(&self, place: u32) -> Option<u32> {
        let (mut at, mut place) = (self.root, place);
        while at != NIL {
            let n = self.node(at);
            let before = self.node(n.left).count;
            match place.cmp(&before) {
                Ordering::Less => at = n.left,
                Ordering::Equal => return Some(at),
                Ordering::Greater => {
                    place -= before + 1;
                    at = n.right;
                }
            }
        }
        None
    }

    /// Numbers in order from a place on.
    pub fn from(&self, place: u32) -> impl Iterator<Item = u32> + '_ {
        // The way to the first number; then the usual walk with a stack of ancestors to come.
        let mut stack = Vec::new();
        let (mut at, mut left_out) = (self.root, place);
        while at != NIL {
            let n = self.node(at);
            let before = self.node(n.left).count;
            if left_out <= before {
                stack.push(at);
                at = n.left;
            } else {
                left_out -= before + 1;
                at = n.right;
            }
        }
        std::iter::from_fn(move || {
            let next = stack.pop()?;
            let mut at = self.node(next).right;
            while at != NIL {
                stack.push(at);
                at = self.node(at).left;
            }
            Some(next)
        })
    }

    /// Marks a number that is inside, or takes the mark away.
    pub fn mark(&mut self, id: u32, mark: bool, cmp: &impl Fn(u32, u32) -> Ordering) {
        if !self.has(id) || (self.node(id).marks & MARK != 0) == mark {
            return;
        }
        let mut at = self.root;
        while at != id && at != NIL {
            if let Some(n) = self.nodes.get_mut(at as usize) {
                n.marks = if mark { n.marks + 1 } else { n.marks - 1 };
            }
            let n = self.node(at);
            at = if cmp(id, at) == Ordering::Less { n.left } else { n.right };
        }
        if let Some(n) = self.nodes.get_mut(id as usize) {
            n.marks ^= MARK;
        }
    }

    /// How many marked numbers there are up to a place, that place included.
    pub fn marks_upto(&self, place: u32) -> u32 {
        let (mut at, mut place, mut sum) = (self.root, u64::from(place) + 1, 0);
        while at != NIL && place > 0 {
            let n = self.node(at);
            let before = u64::from(self.node(n.left).count);
            if place <= before {
                at = n.left;
            } else {
                sum += self.marked(n.left) + u32::from(n.marks & MARK != 0);
                place -= before + 1;
                at = n.right;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How deep the tree is; no side of any of its nodes may weigh too much.
    fn depth(order: &Order, at: u32) -> u32 {
        if at == NIL {
            return 0;
        }
        let Node { left, right, .. } = order.node(at);
        let (l, r) = (order.weight(left), order.weight(right));
        assert!(l <= DELTA * r && r <= DELTA * l, "{l} beside {r}");
        1 + depth(order, left).max(depth(order, right))
    }

    #[test]
    fn no_order_of_coming_and_going_makes_it_deep() {
        const NUMBERS: u32 = 20_000;
        // Upwards, downwards, from both ends to the middle, and by a hash: whoever sends scores chooses.
        let orders: [fn(u32) -> u64; 4] = [
            u64::from,
            |id| u64::from(NUMBERS - id),
            |id| if id % 2 == 0 { u64::from(id) } else { u64::from(2 * NUMBERS - id) },
            |id| u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        ];
        for place in orders {
            let cmp = |a: u32, b: u32| place(a).cmp(&place(b));
            let mut order = Order::default();
            (0..NUMBERS).for_each(|id| order.insert(id, &cmp));
            // 2.41 times the logarithm to the base of two, at most.
            assert!(depth(&order, order.root) <= 34);
            (0..NUMBERS).filter(|id| id % 7 != 0).for_each(|id| order.remove(id, &cmp));
            assert!(depth(&order, order.root) <= 28);
            assert_eq!(order.len() as u32, NUMBERS.div_ceil(7));
        }
    }

    proptest! {
        #[test]
        fn it_is_a_sorted_list_with_marks(steps in prop::collection::vec((0_u32..60, 0_u64..8, any::<bool>()), 1..200)) {
            let mut values = vec![0_u64; 60];
            let mut order = Order::default();
            let mut model: Vec<u32> = Vec::new();
            let mut marks = [false; 60];
            for (id, value, mark) in steps {
                let cmp = |v: &[u64], a: u32, b: u32| (v[a as usize], a).cmp(&(v[b as usize], b));
                if order.has(id) {
                    order.remove(id, &|a, b| cmp(&values, a, b));
                    model.retain(|m| *m != id);
                }
                if value > 0 {
                    values[id as usize] = value;
                    order.insert(id, &|a, b| cmp(&values, a, b));
                    model.push(id);
                    model.sort_by(|a, b| cmp(&values, *a, *b));
                    marks[id as usize] = mark;
                    order.mark(id, mark, &|a, b| cmp(&values, a, b));
                }
                prop_assert_eq!(order.len(), model.len());
                depth(&order, order.root);
                let walked: Vec<u32> = order.from(0).collect();
                prop_assert_eq!(&walked, &model);
                for (i, id) in model.iter().enumerate() {
                    prop_assert_eq!(order.at(i as u32), Some(*id));
                    prop_assert_eq!(order.place(*id, &|a, b| cmp(&values, a, b)), Some(i as u32));
                    let marked = model[..=i].iter().filter(|m| marks[**m as usize]).count() as u32;
                    prop_assert_eq!(order.marks_upto(i as u32), marked);
                    prop_assert_eq!(order.from(i as u32).next(), Some(*id));
                }
                prop_assert_eq!(order.at(model.len() as u32), None);
            }
        }
    }
}
