package io.embeddingoperator.e2e.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.Map;

/**
 * The release before this one, built from the history of the repository.
 *
 * @param folder what {@code dev/earlier-release} made
 */
public record EarlierRelease(Path folder) {
    /** The tag of its images in the tests: both releases may call themselves by one version. */
    public static final String TAG = "earlier";

    private static final int NO_HISTORY = 3;

    /** Builds it where it is not kept yet; without a history the test that asks for it is skipped. */
    public static EarlierRelease ensure() {
        Program.Answer answer = new Program(Checkout.file("dev/earlier-release"), Map.of()).ask("ensure");
        assumeThat(answer.exitCode()).as(answer.text()).isNotEqualTo(NO_HISTORY);
        assertThat(answer.exitCode()).as(answer.text()).isZero();
        return new EarlierRelease(
                Path.of(answer.text().lines().reduce((first, last) -> last).orElseThrow()));
    }

    Path chart() {
        return folder.resolve("chart");
    }

    Path operator() {
        return folder.resolve("operator.tar");
    }

    Path runner() {
        return folder.resolve("runner.tar");
    }
}
