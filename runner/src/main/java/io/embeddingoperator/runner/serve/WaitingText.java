package io.embeddingoperator.runner.serve;

import java.util.Comparator;

/**
 * A text that waits for its turn.
 *
 * @param index within its request
 * @param turn in tokens served: the smaller, the sooner
 * @param arrival tells texts of the same turn apart
 */
record WaitingText(WaitingRequest request, int index, long turn, long arrival) {
    static final Comparator<WaitingText> BY_TURN =
            Comparator.comparingLong(WaitingText::turn).thenComparingLong(WaitingText::arrival);

    int tokens() {
        return request.texts().get(index).length();
    }
}
