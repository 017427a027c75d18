package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.ExitCode;
import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.runner.document.FailedDocument;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How a run of this process ended.
 *
 * @param elapsed time spent embedding
 * @param failures the first few documents that failed
 */
public record RunOutcome(ExitCode exitCode, Progress progress, Duration elapsed, List<FailedDocument> failures) {
    public RunOutcome {
        Objects.requireNonNull(exitCode, "exitCode");
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(elapsed, "elapsed");
        failures = List.copyOf(failures);
    }
}
