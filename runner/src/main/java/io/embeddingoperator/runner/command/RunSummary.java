package io.embeddingoperator.runner.command;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.PgvectorSink;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.progress.ProgressSentence;
import io.embeddingoperator.runner.run.RunOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a run tells a person in the end. */
record RunSummary(Manifest manifest, RunOutcome outcome) {
    List<String> lines() {
        Progress progress = outcome.progress();
        List<String> lines = new ArrayList<>();
        lines.add(documents(progress));
        if (progress.committed().truncatedChunks() > 0) {
            lines.add("%s chunks were longer than the model takes (embedder.%s.maxTokens) and were cut: use chunking"
                            .formatted(
                                    ProgressSentence.number(progress.committed().truncatedChunks()), kind())
                    + " strategy Recursive to embed all of a text");
        }
        if (progress.whole() != null && progress.whole().counts().unknownChunks() > 0) {
            lines.add(
                    "at least half of the tokens of %s chunks are unknown to the model, so their vectors say little: choose a"
                                    .formatted(ProgressSentence.number(
                                            progress.whole().counts().unknownChunks()))
                            + " model for the languages of these documents, such as a multilingual one");
        }
        PgvectorSink sink = manifest.spec().sink().pgvector();
        lines.add("vectors are in %s, column embedding".formatted(sink.table()));
        if (progress.whole() != null && progress.whole().counts().removed() > 0) {
            lines.add("the rows of %s documents that %s were removed"
                    .formatted(ProgressSentence.number(progress.whole().counts().removed()), removed(sink)));
        }
        if (progress.recall() != null) {
            lines.add(recall(progress.recall()));
        }
        for (FailedDocument failure : outcome.failures()) {
            lines.add("failed: %s: %s".formatted(failure.location(), failure.reason()));
        }
        if (progress.committed().documents().failed() > outcome.failures().size()) {
            lines.add("all %s failed documents are in embedding_operator.failed_documents"
                    .formatted(ProgressSentence.number(
                            progress.committed().documents().failed())));
        }
        if (progress.message() != null) {
            lines.add(progress.message());
        }
        return lines;
    }

    private static String recall(Progress.Recall found) {
        String others = found.efSearch() == found.usualEfSearch()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; clients get that with SET hnsw.ef_search = %d, and %.1f %% with the server's %d",
                        found.efSearch(),
                        100 * found.usualAt10(),
                        found.usualEfSearch());
        return String.format(
                Locale.ROOT,
                "searches through the index find %.1f %% of the ten nearest chunks (%d searches compared)%s",
                100 * found.at10(),
                found.queries(),
                others);
    }

    /** Which documents lose their rows. */
    private static String removed(PgvectorSink sink) {
        return switch (sink.onEmpty()) {
            case Keep -> "are gone from the source";
            case Delete ->
                switch (sink.orphans()) {
                    case Keep -> "have no text any more";
                    case Delete -> "are gone from the source or have no text any more";
                };
        };
    }

    private String kind() {
        return switch (manifest.spec().embedder().selected()) {
            case OnnxEmbedder _ -> "onnx";
            case OpenAiEmbedder _ -> "openai";
        };
    }

    private String documents(Progress progress) {
        Progress.Documents documents = progress.committed().documents();
        if (progress.phase() != Progress.Phase.Complete) {
            return documents.finished() == 0 ? "no document was embedded before the run ended" : numbers(progress);
        }
        if (progress.process().shard() == null && documents.finished() == 0) {
            return "nothing had to be embedded: the source holds no documents";
        }
        if (documents.embedded() == 0 && documents.failed() == 0) {
            return "nothing had to be embedded: %s documents are unchanged"
                    .formatted(ProgressSentence.number(documents.skipped()));
        }
        return numbers(progress);
    }

    private String numbers(Progress progress) {
        return String.format(
                Locale.ROOT,
                "%s in %s: %s chunks, %s tokens, %,.1f documents/s, %,.0f tokens/s%s",
                ProgressSentence.counts(progress),
                ProgressSentence.duration(outcome.elapsed().toSeconds()),
                ProgressSentence.number(progress.committed().chunks()),
                ProgressSentence.number(progress.committed().tokens()),
                progress.pace().documentsPerSecond(),
                progress.pace().tokensPerSecond(),
                ProgressSentence.cost(progress));
    }
}
