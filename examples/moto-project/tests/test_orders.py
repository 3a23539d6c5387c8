import unittest

import boto3
import pytest
from moto import mock_aws

from shop import orders


@mock_aws
class TestOrders(unittest.TestCase):
    def setUp(self):
        orders.setup()
        orders.place("1", "ann", "2026-01-01", 350)

    def test_an_order_is_found(self):
        self.assertEqual(orders.get("1"), {"number": "1", "customer": "ann", "day": "2026-01-01", "cents": 350,
                                           "state": "placed"})
        self.assertIsNone(orders.get("2"))

    def test_a_number_is_given_once(self):
        with self.assertRaises(orders.Taken):
            orders.place("1", "bob", "2026-01-02", 1)

    def test_orders_of_a_customer_since_a_day(self):
        orders.place("2", "ann", "2026-02-01", 100)
        orders.place("3", "bob", "2026-02-01", 100)
        self.assertEqual(orders.of("ann"), ["1", "2"])
        self.assertEqual(orders.of("ann", since="2026-01-15"), ["2"])

    def test_what_was_cancelled_cannot_be_cancelled_again(self):
        orders.cancel("1")
        self.assertEqual(orders.get("1")["state"], "cancelled")
        self.assertNotIn("cents", orders.get("1"))
        with self.assertRaises(orders.TooLate):
            orders.cancel("1")

    def test_moving_is_noted(self):
        orders.move("1", "ann", "bob")
        self.assertEqual(orders.of("bob"), ["1"])
        self.assertIsNotNone(orders.get("moved-1"))

    def test_a_move_that_fails_leaves_nothing(self):
        with self.assertRaises(boto3.client("dynamodb").exceptions.TransactionCanceledException):
            orders.move("1", "cid", "bob")
        self.assertIsNone(orders.get("moved-1"))


@mock_aws
def test_visits_are_counted():
    orders.setup()
    assert [orders.visits("ann") for _ in range(3)] == [1, 2, 3]
    assert orders.visits("bob") == 1


@pytest.mark.parametrize("count", [0, 9, 30])
@mock_aws
def test_the_turnover_of_many(count):
    orders.setup()
    orders.load({"number": str(n), "customer": "ann", "day": "x", "cents": 10, "state": "placed" if n % 3 else "cancelled"}
                for n in range(count))
    assert orders.turnover() == 10 * len([n for n in range(count) if n % 3])


@mock_aws
def test_a_table_is_made_once():
    orders.setup()
    with pytest.raises(boto3.client("dynamodb").exceptions.ResourceInUseException):
        orders.setup()
