package io.embeddingoperator.runner.command;

import io.embeddingoperator.runner.plan.Estimate;
import io.embeddingoperator.runner.progress.ProgressSentence;
import io.embeddingoperator.runner.run.JobEstimate;
import io.embeddingoperator.runner.run.RunnerEnvironment;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells what a run would take. */
@Command(
        name = "plan",
        description = "Tells documents, chunks, tokens, bytes and time from a small sample. Writes and spends nothing.")
final class PlanCommand implements Callable<Integer> {
    @Mixin
    private ManifestOption manifest;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws InterruptedException {
        Estimate estimate = JobEstimate.of(manifest.read(), RunnerEnvironment.of(System.getenv()));
        PrintWriter out = command.commandLine().getOut();
        String about = estimate.exact() ? "" : "about ";
        out.println("documents  %s%s".formatted(about, ProgressSentence.number(estimate.documents())));
        out.println("chunks     about " + ProgressSentence.number(estimate.chunks()));
        out.println("tokens     about " + ProgressSentence.number(estimate.tokens()));
        out.println("text       about " + bytes(estimate.textBytes()));
        out.println("vectors    about " + bytes(estimate.vectorBytes()));
        out.println("time       about %s on this machine alone, at %,.0f tokens/s"
                .formatted(ProgressSentence.duration(estimate.seconds()), estimate.tokensPerSecond()));
        out.println("sample     %s documents read, chunks embedded for %s s"
                .formatted(
                        ProgressSentence.number(estimate.sampleDocuments()),
                        String.format(Locale.ROOT, "%.1f", estimate.sampleSeconds())));
        if (estimate.truncatedChunks() > 0) {
            out.println("truncated  %s chunks of the sample are longer than the model takes and would be cut"
                    .formatted(ProgressSentence.number(estimate.truncatedChunks())));
        }
        return 0;
    }

    private static String bytes(long bytes) {
        String[] units = {"bytes", "kB", "MB", "GB", "TB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1_000 && unit < units.length - 1) {
            value /= 1_000;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
    }
}
