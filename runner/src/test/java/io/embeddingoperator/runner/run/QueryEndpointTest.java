package io.embeddingoperator.runner.run;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryEndpointTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "queries:8080", "ftp://queries", "http://", "http://user:word@queries", "http://a b"})
    void whatIsNoUrlOfAServerIsToldWithAnExample(String url) {
        assertThatThrownBy(() -> QueryEndpoint.open(url))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("--endpoint is '")
                .hasMessageContaining("for example http://127.0.0.1:8080");
    }

    @Test
    void anEndpointThatDoesNotAnswerIsTriedAgainAndNamed() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (QueryEndpoint endpoint = QueryEndpoint.open("http://127.0.0.1:" + port)) {
            assertThatThrownBy(endpoint::model)
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageStartingWith("the endpoint cannot be asked: ")
                    .hasMessageEndingWith("check --endpoint");
        }
    }

    @Test
    void aTableOfWhichNothingIsKnownIsNotSearchedThroughAnEndpoint() {
        QueryEndpoint.Model model = new QueryEndpoint.Model("wiki", "ab12", DistanceMetric.Cosine);

        assertThatThrownBy(() -> model.check(Optional.empty(), "public.vectors"))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("nothing tells which model filled public.vectors");
    }
}
