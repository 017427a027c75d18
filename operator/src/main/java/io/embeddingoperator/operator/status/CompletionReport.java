package io.embeddingoperator.operator.status;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.DocumentCounts;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus.RecallStatus;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a run that ended well came to, in a sentence. */
final class CompletionReport {
    private static final String WHERE_IT_STANDS =
            "the pods that knew the rest were deleted before they were heard, and embedding_operator.shards has all of it";

    private CompletionReport() {}

    /**
     * Says "at least" where the operator heard neither a runner that knew all shards nor every shard; what was known once stays
     * known when the pods are deleted.
     *
     * @param before the former status of the same run, or null
     */
    static String of(
            EmbeddingJob manifest,
            @Nullable EmbeddingJobStatus before,
            Reports reports,
            RunNumbers numbers,
            int shards) {
        boolean known = reports.allComplete(shards);
        Optional<Condition> told =
                Conditions.find(before, ConditionType.Complete).filter(Conditions::holds);
        if (!known && told.isPresent() && before != null && numbers.documents().equals(before.documents())) {
            return told.get().getMessage();
        }
        DocumentCounts documents = numbers.documents();
        String skipped = documents.skipped() == 0 ? "" : ", " + Sentence.number(documents.skipped()) + " unchanged";
        String tolerated = documents.failed() == 0 ? "" : tolerated(manifest);
        String sentence = "%s embedded%s, %s failed%s; %s written to %s%s%s%s"
                .formatted(
                        Sentence.count(documents.embedded(), "document"),
                        skipped,
                        Sentence.number(documents.failed()),
                        tolerated,
                        Sentence.count(numbers.chunks(), "chunk"),
                        manifest.getSpec().sink().pgvector().table(),
                        chunks(numbers.truncatedChunks(), "were longer than the model takes and were cut"),
                        chunks(
                                numbers.unknownChunks(),
                                "are mostly of tokens that the model does not know: choose one for their languages"),
                        recall(numbers.recall()));
        return known ? sentence : "at least %s; %s".formatted(sentence, WHERE_IT_STANDS);
    }

    /** Those that the model does not see as they are. */
    private static String chunks(@Nullable Long some, String words) {
        return some == null ? "" : "; %s of them %s".formatted(Sentence.number(some), words);
    }

    private static String recall(@Nullable RecallStatus found) {
        if (found == null) {
            return "";
        }
        String with = found.efSearch().equals(found.usualEfSearch())
                ? ""
                : " with hnsw.ef_search %d, and %s with the server's %d"
                        .formatted(found.efSearch(), percent(found.usualAt10()), found.usualEfSearch());
        String wanted = found.at10() < found.target()
                ? ", less than spec.sink.pgvector.index.targetRecall (%s)".formatted(percent(found.target()))
                : "";
        return "; searches through the index find %s of the ten nearest chunks%s%s"
                .formatted(percent(found.at10()), with, wanted);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String tolerated(EmbeddingJob manifest) {
        return " (spec.failurePolicy.maxFailedDocuments allows %s; the reasons are in embedding_operator.failed_documents)"
                .formatted(Sentence.number(manifest.getSpec().failurePolicy().maxFailedDocuments()));
    }
}
