package greetings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Java: {@code cumulet exec -- mvn test}. Each test works in an account of its own: the access key says which. */
class GreetingsTest {
    static final URI SERVER = URI.create(System.getenv("AWS_ENDPOINT_URL"));

    SqsClient sqs;

    @BeforeEach
    void account() {
        String account = String.valueOf(ThreadLocalRandom.current().nextLong(100_000_000_000L, 1_000_000_000_000L));
        sqs = SqsClient.builder().endpointOverride(SERVER).region(Region.US_EAST_1)
                .httpClient(UrlConnectionHttpClient.create())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(account, "test")))
                .build();
    }

    @Test
    void aMessageComesWhenItsTimeHasCome() throws Exception {
        String queue = sqs.createQueue(q -> q.queueName("later")).queueUrl();
        sqs.sendMessage(m -> m.queueUrl(queue).messageBody("hello").delaySeconds(600));
        assertTrue(sqs.receiveMessage(r -> r.queueUrl(queue)).messages().isEmpty());
        control("time", "{\"advance\": 600}");
        assertEquals("hello", sqs.receiveMessage(r -> r.queueUrl(queue)).messages().get(0).body());
    }

    static void control(String path, String body) throws Exception {
        HttpRequest asked = HttpRequest.newBuilder(SERVER.resolve("/_cumulet/" + path))
                .POST(HttpRequest.BodyPublishers.ofString(body)).build();
        assertEquals(200, HttpClient.newHttpClient().send(asked, HttpResponse.BodyHandlers.ofString()).statusCode());
    }
}
