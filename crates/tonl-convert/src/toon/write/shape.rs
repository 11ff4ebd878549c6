//! The shapes of objects, so that "all of these have the same fields" is one comparison (§9.3, §9.5).
//!
//! Objects whose members are scalars or such objects again, and not empty, have a shape. Every
//! object asks once for its [`Order`] when it ends; nothing looks at a value a second time, so the
//! cost of all decisions together grows with the text alone.

use std::collections::HashMap;

/// The keys of an object in their order, and the orders of the objects within.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Order(usize);

/// An [`Order`] without regard to the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Shape(usize);

impl Order {
    /// A scalar's.
    pub(super) const SCALAR: Self = Self(0);
}

impl Shape {
    /// A scalar's.
    pub(super) const SCALAR: Self = Self(0);
}

/// A member: the number of its key, and its value's order.
pub(super) type Part = (usize, Order);

/// All orders and shapes that have come.
#[derive(Debug)]
pub(super) struct Shapes {
    orders: HashMap<Box<[Part]>, Order>,
    sets: HashMap<Box<[(usize, Shape)]>, Shape>,
    /// The shape of each order.
    shape_of: Vec<Shape>,
    sorted: Vec<(usize, Shape)>,
}

impl Default for Shapes {
    fn default() -> Self {
        Self {
            orders: HashMap::new(),
            sets: HashMap::new(),
            shape_of: vec![Shape::SCALAR],
            sorted: Vec::new(),
        }
    }
}

impl Shapes {
    /// The order of an object with these members.
    pub(super) fn order(&mut self, parts: &[Part]) -> Order {
        if let Some(order) = self.orders.get(parts) {
            return *order;
        }
        let mut sorted = std::mem::take(&mut self.sorted);
        sorted.clear();
        sorted.extend(parts.iter().map(|(key, order)| (*key, self.shape(*order))));
        sorted.sort_unstable();
        let next = Shape(self.sets.len() + 1);
        let shape = match self.sets.get(sorted.as_slice()) {
            Some(shape) => *shape,
            None => *self.sets.entry(sorted.as_slice().into()).or_insert(next),
        };
        self.sorted = sorted;
        let order = Order(self.shape_of.len());
        self.shape_of.push(shape);
        self.orders.insert(parts.into(), order);
        order
    }

    /// The shape of an order.
    pub(super) fn shape(&self, order: Order) -> Shape {
        self.shape_of.get(order.0).copied().unwrap_or(Shape::SCALAR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_with_the_same_keys_have_one_shape_whatever_their_order() {
        let mut shapes = Shapes::default();
        let scalar = Order::SCALAR;
        let inner = [
            shapes.order(&[(1, scalar), (2, scalar)]),
            shapes.order(&[(2, scalar), (1, scalar)]),
        ];
        assert_ne!(inner[0], inner[1]);
        assert_eq!(shapes.shape(inner[0]), shapes.shape(inner[1]));
        let outer = [
            shapes.order(&[(3, inner[0]), (4, scalar)]),
            shapes.order(&[(4, scalar), (3, inner[1])]),
            shapes.order(&[(4, scalar), (3, scalar)]),
        ];
        let shape = outer.map(|order| shapes.shape(order));
        assert_eq!(shape[0], shape[1]);
        assert_ne!(shape[0], shape[2]);
        assert_eq!(outer[0], shapes.order(&[(3, inner[0]), (4, scalar)]));
    }
}
