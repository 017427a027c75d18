package io.embeddingoperator.runner.source.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.source.StoredFile;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExpectedObjectsTest {
    private final List<CompletableFuture<byte[]>> requests = new ArrayList<>();
    private final ExpectedObjects expected = new ExpectedObjects(_ -> {
        requests.add(new CompletableFuture<>());
        return requests.getLast();
    });

    @Test
    void anObjectIsAskedForOnceAndTakenOnce() {
        expected.add(file(1, 10));
        expected.add(file(1, 10));

        assertThat(requests).hasSize(1);
        assertThat(expected.take(file(1, 10))).containsSame(requests.getFirst());
        assertThat(expected.take(file(1, 10))).isEmpty();
    }

    @Test
    void whatFailedOrHasNoBytesIsLeftToItsReader() {
        expected.add(file(1, 10));
        requests.getFirst().completeExceptionally(new IllegalStateException("the store is away"));
        expected.add(file(2, 0));

        assertThat(requests).hasSize(1);
        assertThat(expected.take(file(1, 10))).isEmpty();
        assertThat(expected.take(file(2, 0))).isEmpty();
    }

    @Test
    void whatIsNeverOpenedGivesWay() {
        IntStream.range(0, 40).forEach(number -> expected.add(file(number, 10)));

        assertThat(requests.subList(0, 8)).allMatch(CompletableFuture::isCancelled);
        assertThat(requests.subList(8, 40)).noneMatch(CompletableFuture::isCancelled);
    }

    private static StoredFile file(int number, long size) {
        return new StoredFile("in/" + number, size, "v1");
    }
}
