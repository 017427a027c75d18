package io.embeddingoperator.runner.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.embed.onnx.model.TestingFileServer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.ext.web.client.HttpRequest;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class BlockingWebClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final URI UNKNOWN = URI.create("http://files.invalid/a");

    @Test
    void aServerThatOnlyTheProxyKnowsIsReachedThroughIt() throws Exception {
        try (TestingFileServer proxy = new TestingFileServer();
                BlockingWebClient client = through(ProxySelector.of(new InetSocketAddress(
                        "127.0.0.1", URI.create(proxy.url()).getPort())))) {
            proxy.put("/a", "content".getBytes(UTF_8));

            WebReply.Streamed reply = client.exchange(HttpMethod.GET, UNKNOWN).streamed(HttpRequest::send, PATIENCE);

            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.header("etag")).contains("\"1\"");
            try (InputStream body = reply.body()) {
                assertThat(body).hasContent("content");
            }
        }
    }

    @Test
    void aNameThatIsNotKnownIsToldBeforeAnythingIsSent() throws Exception {
        try (BlockingWebClient client = BlockingWebClient.open(new HttpClientOptions())) {
            assertThatThrownBy(() -> client.exchange(HttpMethod.GET, UNKNOWN)).isInstanceOf(UnknownHostException.class);
        }
    }

    @Test
    void aReplyThatIsLongerThanItMayBeIsGivenUp() throws Exception {
        try (TestingFileServer server = new TestingFileServer();
                BlockingWebClient client = BlockingWebClient.open(new HttpClientOptions())) {
            server.put("/a", new byte[100_001]);
            URI url = URI.create(server.url() + "/a");

            assertThat(client.exchange(HttpMethod.GET, url)
                            .whole(HttpRequest::send, 100_001, PATIENCE)
                            .body()
                            .length())
                    .isEqualTo(100_001);
            assertThatThrownBy(() -> client.exchange(HttpMethod.GET, url).whole(HttpRequest::send, 100_000, PATIENCE))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("the reply is longer than 100000 bytes");
        }
    }

    private static BlockingWebClient through(ProxySelector proxies) {
        return new BlockingWebClient(new HttpClientOptions(), new PoolOptions(), _ -> {}, proxies);
    }
}
