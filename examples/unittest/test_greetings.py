"""unittest: `python -m unittest`, or in one server with other programs: `cumulet exec -- python -m unittest`."""

import boto3

from cumulet.testing import CumuletTestCase


class Greetings(CumuletTestCase):
    time = "2026-01-01"

    def setUp(self):
        super().setUp()
        boto3.client("dynamodb").create_table(
            TableName="greetings", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}])
        self.table = boto3.resource("dynamodb").Table("greetings")

    def test_a_greeting_is_kept(self):
        self.table.put_item(Item={"name": "ann", "words": "hello"})
        self.assertEqual(self.table.get_item(Key={"name": "ann"})["Item"]["words"], "hello")
        self.assertEqual(self.table.creation_date_time.year, 2026)

    def test_it_is_forgotten_in_time(self):
        boto3.client("dynamodb").update_time_to_live(
            TableName="greetings", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
        later = int(self.cumulet.clock.now().timestamp()) + 3600
        self.table.put_item(Item={"name": "ann", "until": later})
        self.wait_for(lambda: "Item" not in self.table.get_item(Key={"name": "ann"}), "4d", step="6h")
