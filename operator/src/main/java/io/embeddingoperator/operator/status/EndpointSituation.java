package io.embeddingoperator.operator.status;

import io.embeddingoperator.operator.status.Conditions.Truth;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The state of an endpoint. That its pods answer and that they are what the manifest says are two things: while newer pods start, or
 * cannot, the older ones go on.
 *
 * @param answers whether a pod answers
 * @param progress whether the pods become what the manifest says
 * @param word the reason of all conditions, and the column Status of {@code kubectl get}
 */
record EndpointSituation(boolean answers, Progress progress, String word, String sentence) {
    enum Progress {
        /** They are. */
        Done,
        /** Kubernetes or the operator is at work, or waits for something that may still come. */
        UnderWay,
        /** Nothing will happen any more unless a person does something. */
        Stuck
    }

    EndpointSituation {
        Objects.requireNonNull(progress, "progress");
        Objects.requireNonNull(word, "word");
        Objects.requireNonNull(sentence, "sentence");
    }

    Map<ConditionType, Truth> truths() {
        Map<ConditionType, Truth> truths = new EnumMap<>(ConditionType.class);
        truths.put(ConditionType.Ready, new Truth(answers, word, sentence));
        truths.put(ConditionType.Reconciling, new Truth(progress == Progress.UnderWay, word, sentence));
        truths.put(ConditionType.Stalled, new Truth(progress == Progress.Stuck, word, sentence));
        return truths;
    }
}
