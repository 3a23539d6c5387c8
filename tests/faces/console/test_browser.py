"""The console as a person uses it, in Chromium."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Browser, expect

from conftest import Cloud

from .browser import Person, profile


def test_somebody_signs_in_looks_around_and_signs_out(browser: Browser, console: Cloud) -> None:
    console.client("sqs").create_queue(QueueName="jobs-to-do")
    person = Person(profile(browser), console.endpoint, console.account)
    person.sign_in()
    person.tab.keyboard.press("/")
    expect(person.tab.get_by_role("combobox", name="Search")).to_be_focused()
    person.tab.keyboard.type("jobs-to")
    person.tab.get_by_role("option", name="jobs-to-do").click()
    expect(person.tab.get_by_role("heading", name="jobs-to-do")).to_be_visible()
    person.tab.get_by_role("link", name="Add to favourites").click()
    person.tab.get_by_role("button", name="Dark mode").click()
    expect(person.tab.locator("body")).to_have_class(re.compile("dark-mode"))
    person.press("Commands")
    person.tab.get_by_text("Also what only looked").click()
    person.sees("aws sqs get-queue-url --queue-name jobs-to-do")
    person.press("Close")
    person.tab.get_by_role("button", name=f"root @ {console.account}").click()
    person.tab.get_by_role("menuitem", name="Sign out").click()
    expect(person.tab.get_by_role("button", name="Sign in as root")).to_be_visible()
    assert person.tab.evaluate("localStorage.getItem('cumulet.favourites')") == '["sqs"]'
    assert (person.complaints, person.left) == ([], [])
    person.context.close()


def test_a_bucket_from_its_making_to_its_end(person: Person, console: Cloud) -> None:
    name, s3 = f"photos-{console.account}", console.client("s3")
    person.go("s3")
    person.press("Create bucket")
    person.field("Bucket name").fill(name)
    person.press("Create bucket")
    person.tab.get_by_role("link", name=name).click()
    person.sees("Drop files or folders")
    person.tab.evaluate("""() => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File(['hello from a drag'], 'dragged.txt', {type: 'text/plain'}))
        document.querySelector('[data-testid=drop]').dispatchEvent(new DragEvent('drop', {dataTransfer, bubbles: true}))
    }""")
    person.sees("1 file is uploaded.")
    assert s3.get_object(Bucket=name, Key="dragged.txt")["Body"].read() == b"hello from a drag"
    person.tab.get_by_label("Files to upload").set_input_files(
        [{"name": "b.json", "mimeType": "application/json", "buffer": b'{"two":2}'}])
    person.tab.get_by_role("link", name="b.json").click()
    person.sees('"two": 2')
    person.press("Share by link")
    person.press("Make link")
    link = person.tab.locator("a[href*='X-Amz-Signature']").get_attribute("href") or ""
    assert urllib.request.urlopen(link).read() == b'{"two":2}'
    person.pick("dragged.txt")
    person.press("Delete")
    person.confirm()
    expect(person.tab.get_by_role("link", name="dragged.txt")).to_have_count(0)
    s3.put_object(Bucket=name, Key="left.txt", Body=b"over")
    person.go("s3")
    person.pick(name)
    person.press("Empty")
    person.confirm("Empty", name)
    person.sees("is empty: 1 deleted.")
    person.press("Delete")
    person.confirm(word=name)
    person.sees(f"{name} is deleted.")
    assert s3.list_buckets()["Buckets"] == []


def test_a_table_with_items(person: Person, console: Cloud) -> None:
    dynamodb = console.client("dynamodb")
    person.go("dynamodb")
    person.press("Create table")
    person.field("Table name").fill("music")
    person.field("Partition key").fill("artist")
    person.field("Sort key").fill("song")
    person.press("Create table")
    person.tab.get_by_role("link", name="music").click()
    for song, year in (("One", 1991), ("Two", 2002)):
        person.press("Create item")
        person.field("Item").fill(json.dumps({"artist": "Band", "song": song, "year": year}))
        person.confirm("Create item")
        expect(person.row(song)).to_be_visible()
    person.tab.get_by_role("button", name="Query").click()
    person.field("Value of artist").fill("Band")
    person.tab.get_by_role("button", name="Comparison 2").click()
    person.tab.get_by_role("option", name="begins with").click()
    person.field("Value of song").fill("T")
    person.press("Run")
    expect(person.tab.get_by_role("row").filter(has_text="Band")).to_have_count(1)
    person.tab.get_by_role("link", name="Band").click()
    person.field("Item").fill(json.dumps({"artist": "Band", "song": "Two", "year": 2003}))
    person.confirm("Save")
    expect(person.row("2003")).to_be_visible()
    key = {"artist": {"S": "Band"}, "song": {"S": "Two"}}
    assert dynamodb.get_item(TableName="music", Key=key)["Item"]["year"] == {"N": "2003"}
    person.pick("2003")
    person.press("Delete")
    person.confirm()
    person.sees("1 item is deleted.")
    assert "Item" not in dynamodb.get_item(TableName="music", Key=key)


def test_a_queue_is_sent_to_looked_into_and_received_from(person: Person, console: Cloud) -> None:
    person.go("sqs")
    person.press("Create queue")
    person.field("Queue name").fill("jobs")
    person.press("Create queue")
    person.tab.get_by_role("link", name="jobs").click()
    person.press("Send message")
    person.field("Body").fill('{"job": 1}')
    person.press("Send")
    person.sees('{"job": 1}')
    expect(person.row('{"job": 1}')).to_contain_text("available")
    person.tab_named("Receive")
    person.press("Receive")
    person.tab.get_by_role("button", name="Delete message").click()
    expect(person.tab.get_by_role("button", name="Delete message")).to_have_count(0)
    sqs = console.client("sqs")
    url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessages"] == "0"
    person.go("sqs")
    person.pick("jobs")
    person.press("Delete")
    person.confirm(word="jobs")
    assert "QueueUrls" not in sqs.list_queues()


def test_a_denial_is_explained_and_mended(person: Person, console: Cloud, browser: Browser) -> None:
    iam = console.client("iam")
    person.go("iam")
    person.press("Create user")
    person.field("User name").fill("ann")
    person.field("Console password").fill("First-pass-1")
    person.press("Create user")
    person.tab.get_by_role("link", name="ann", exact=True).click()
    person.press("Create inline policy")
    person.field("Policy name").fill("reading")
    person.field("Policy").fill(json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sqs:ListQueues", "sqs:GetQueueAttributes"], "Resource": "*"}]}))
    person.press("Save")
    person.sees("reading is saved.")
    person.go("state")
    person.tab.get_by_role("button", name="Enforce", exact=True).click()
    person.sees("What policies do not allow is refused.")
    ann = Person(profile(browser), console.endpoint, console.account)
    ann.sign_in("ann", "First-pass-1")
    ann.go("sqs")
    ann.press("Create queue")
    ann.field("Queue name").fill("hers")
    ann.press("Create queue")
    ann.sees("is not authorized to perform: sqs:createqueue")
    ann.context.close()
    person.go("explain/last")
    person.sees("Denied: sqs:CreateQueue")
    person.press("Apply the change")
    person.sees("Allowed: sqs:CreateQueue")
    assert len(iam.list_user_policies(UserName="ann")["PolicyNames"]) + len(
        iam.list_attached_user_policies(UserName="ann")["AttachedPolicies"]) >= 1
    person.go("iam")
    person.pick("ann")
    person.press("Delete")
    person.confirm(word="ann")
    assert iam.list_users()["Users"] == []


def test_calls_of_others_come_to_the_inspector(person: Person, console: Cloud) -> None:
    person.go("inspector")
    person.sees("Live")
    console.client("sqs").create_queue(QueueName="by-another")
    person.tab.get_by_text("Only account").click()
    expect(person.row("CreateQueue")).to_contain_text("200")
    person.row("CreateQueue").click()
    person.sees("sqs:CreateQueue")
    expect(person.tab.get_by_label("Request", exact=True)).to_contain_text('"QueueName": "by-another"')
    expect(person.tab.get_by_label("Answer", exact=True)).to_contain_text('"QueueUrl": "http')
    expect(person.tab.get_by_label("Command", exact=True)).to_contain_text("aws sqs create-queue --queue-name by-another")
    person.press("Ask it again")
    person.sees("sqs:CreateQueue was asked again")
    expect(person.tab.get_by_role("row").filter(has_text="CreateQueue").locator("visible=true")).to_have_count(2)


def test_a_call_tells_what_it_caused(person: Person, console: Cloud) -> None:
    sqs, sns = console.client("sqs"), console.client("sns")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="said")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    person.go("inspector")
    person.sees("Live")
    person.tab.get_by_text("Only account").click()
    sns.publish(TopicArn=topic, Message="who hears this?")
    person.row("Publish").click()
    person.tab.get_by_role("button", name="sqs:SendMessage").click()
    expect(person.tab.get_by_label("Request", exact=True)).to_contain_text("who hears this?")


def test_the_clock_moves_and_an_item_is_gone(person: Person, console: Cloud) -> None:
    dynamodb = console.client("dynamodb")
    dynamodb.create_table(TableName="live", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    dynamodb.get_waiter("table_exists").wait(TableName="live", WaiterConfig={"Delay": 1})
    dynamodb.update_time_to_live(TableName="live", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"})
    dynamodb.put_item(TableName="live", Item={"k": {"S": "a"}, "ends": {"N": str(int(time.time()) + 3600)}})
    person.go("state")
    person.press("+30 days")
    person.sees("all that was due on the way has happened")
    assert dynamodb.scan(TableName="live")["Items"] == []
    person.press("Back to now")
    person.sees("Back to the wall’s time: done")


def test_a_snapshot_is_saved_compared_and_loaded(person: Person, console: Cloud) -> None:
    sqs, name = console.client("sqs"), f"before-{console.account}"
    kept = sqs.create_queue(QueueName="kept")["QueueUrl"]
    person.go("state")
    person.press("Save snapshot")
    person.field("Snapshot name").fill(name)
    person.tab.get_by_role("dialog").get_by_role("button", name="Of").click()
    person.tab.get_by_role("option", name=f"Account {console.account}").click()
    person.press("Save")
    person.sees(f"{name} is saved.")
    sqs.create_queue(QueueName="since-then")
    person.pick(name)
    person.press("What changed")
    expect(person.row("since-then")).to_contain_text("added")
    person.tab.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    person.press("Load")
    person.confirm("Load")
    person.sees(f"{name} is loaded.")
    assert sqs.list_queues()["QueueUrls"] == [kept]
    person.pick(name)
    person.press("Delete snapshot")
    person.confirm()
    expect(person.tab.get_by_role("row").filter(has_text=name)).to_have_count(0)


def test_a_lab_from_beginning_to_end(person: Person) -> None:
    person.go("labs/L90-kms-envelope")
    person.press("Begin the lab")
    person.press("Check my work")
    expect(person.tab.get_by_text("0 of ", exact=False).first).to_be_visible()
    person.press("Show the solution at work")
    expect(person.tab.get_by_text("all tasks are done")).to_be_visible(timeout=60_000)
    person.press("End the lab")
    person.confirm("End")
    expect(person.tab.get_by_role("button", name="Begin the lab")).to_be_visible()


def test_a_stored_page_cannot_use_the_console(person: Person, console: Cloud) -> None:
    s3, bucket = console.client("s3"), f"evil-{console.account}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="x.html", ContentType="text/html", Body=b"""<p id=out>waiting</p><script>
        try { out.textContent = 'token ' + localStorage.getItem('cumulet.session') }
        catch (e) { out.textContent = 'no storage' }
        fetch('/_console/api/roots').then(r => r.text(), () => 'refused').then(t => { out.textContent += ', ' + t })
    </script>""")
    link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "x.html"})
    person.tab.goto(link)
    expect(person.tab.locator("#out")).to_have_text("no storage, refused")
    person.complaints.clear()                  # the browser tells of what it kept from the stored page


def test_an_address_is_read_again_after_a_reload(person: Person, console: Cloud) -> None:
    console.client("s3").create_bucket(Bucket=f"deep-{console.account}")
    person.go(f"s3/buckets/deep-{console.account}?tab=permissions")
    person.sees("Bucket policy")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{console.endpoint}/_console/assets/nothing.js")


@pytest.mark.parametrize(("address", "shown"), [
    ("sqs/v3/home?region=eu-west-1#/queues/https%3A%2F%2Fsqs.eu-west-1.amazonaws.com%2F1%2Fjobs", "sqs/queues/jobs"),
    ("go?to=arn:aws:sqs:eu-west-1:000000000000:jobs", "sqs/queues/jobs"), ("go?to=sqs", "sqs")])
def test_addresses_of_aws_and_names_lead_to_the_same_page(person: Person, console: Cloud, address: str, shown: str) -> None:
    console.client("sqs", region="eu-west-1").create_queue(QueueName="jobs")
    person.go(address)
    expect(person.tab.get_by_role("heading", name="jobs" if "jobs" in shown else "Queues")).to_be_visible()
    assert person.tab.url == f"{person.endpoint}/_console/{shown}"
    if "jobs" in shown:
        assert person.tab.evaluate("localStorage.getItem('cumulet.region')") == '"eu-west-1"'
