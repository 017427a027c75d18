package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CountedRunTest {
    @Test
    void theFirstRunIsNumberOneWhateverItsNonce() {
        EmbeddingJob manifest = TestingManifest.wiki("spec: {runNonce: 20261130}");

        assertThat(CountedRun.of(manifest)).isEqualTo(new CountedRun(1, 20_261_130));
        assertThat(CountedRun.isRecorded(manifest)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"8", "1", "2147483647", "3"})
    void anyOtherNonceIsTheNextRun(int nonce) {
        EmbeddingJob manifest = manifest(nonce, "status: {run: 3, runNonce: 7}");

        assertThat(CountedRun.of(manifest)).isEqualTo(new CountedRun(4, nonce));
        assertThat(CountedRun.isRecorded(manifest)).isFalse();
    }

    @Test
    void theSameNonceIsTheRunThatWasRecorded() {
        EmbeddingJob manifest = manifest(7, "status: {run: 3, runNonce: 7}");

        assertThat(CountedRun.of(manifest)).isEqualTo(new CountedRun(3, 7));
        assertThat(CountedRun.isRecorded(manifest)).isTrue();
    }

    @Test
    void aNonceThatComesBackIsANewRun() {
        EmbeddingJob first = manifest(1, "status: {run: 1, runNonce: 1}");
        EmbeddingJob second = manifest(2, "status: {run: 1, runNonce: 1}");
        EmbeddingJob third = manifest(1, "status: {run: 2, runNonce: 2}");

        assertThat(List.of(first, second, third))
                .extracting(manifest -> CountedRun.of(manifest).number())
                .containsExactly(1, 2, 3);
    }

    @Test
    void theStatusOfAnEarlierReleaseTookTheNonceForTheNumber() {
        assertThat(CountedRun.isRecorded(manifest(5, "status: {run: 5}"))).isTrue();
        assertThat(CountedRun.of(manifest(2, "status: {run: 5}"))).isEqualTo(new CountedRun(6, 2));
    }

    @Test
    void whereTheStatusWasLostTheJobsTellWhichNumbersWereGiven() {
        // given runs 1 to 3, the last one for the nonce 7
        List<Job> jobs = List.of(job(1, 1), job(3, 7), job(2, 4));

        assertThat(CountedRun.of(manifest(7, ""), jobs)).isEqualTo(new CountedRun(3, 7));
        assertThat(CountedRun.of(manifest(4, ""), jobs)).isEqualTo(new CountedRun(4, 4));
        assertThat(CountedRun.of(manifest(9, "status: {run: 1, runNonce: 1}"), jobs))
                .as("a status that was restored from a backup")
                .isEqualTo(new CountedRun(4, 9));
    }

    @Test
    void theJobOfAnEarlierReleaseTookTheNonceForTheNumber() {
        Job earlier = new JobBuilder(job(5, 5))
                .editMetadata()
                .removeFromLabels(RunLabels.NONCE)
                .endMetadata()
                .build();

        assertThat(CountedRun.of(manifest(5, ""), List.of(earlier))).isEqualTo(new CountedRun(5, 5));
        assertThat(CountedRun.of(manifest(3, ""), List.of(earlier))).isEqualTo(new CountedRun(6, 3));
    }

    @Test
    void aLabelThatIsNoNumberTellsNothing() {
        Job edited = new JobBuilder(job(5, 5))
                .editMetadata()
                .addToLabels(RunLabels.RUN, "latest")
                .endMetadata()
                .build();

        assertThat(CountedRun.of(manifest(5, ""), List.of(edited))).isEqualTo(new CountedRun(1, 5));
    }

    private static EmbeddingJob manifest(int nonce, String status) {
        return TestingManifest.wiki("spec: {runNonce: %d}\n%s".formatted(nonce, status));
    }

    private static Job job(int number, int nonce) {
        EmbeddingJob manifest = manifest(nonce, "status: {run: %d, runNonce: %d}".formatted(number, nonce));
        return RunnerJob.desired(manifest, TestingImages.IMAGES);
    }
}
