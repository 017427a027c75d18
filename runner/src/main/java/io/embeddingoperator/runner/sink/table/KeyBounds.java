package io.embeddingoperator.runner.sink.table;

import io.embeddingoperator.runner.document.Key;
import java.util.Collection;
import java.util.LongSummaryStatistics;
import java.util.Optional;

/** The least and the greatest of some keys. */
public record KeyBounds(Key.Number first, Key.Number last) {
    /** Empty for other keys than numbers: the order of texts is the collation's, which this program does not know. */
    public static Optional<KeyBounds> of(Collection<Key> keys) {
        if (keys.isEmpty() || !(keys.iterator().next() instanceof Key.Number)) {
            return Optional.empty();
        }
        LongSummaryStatistics numbers =
                keys.stream().mapToLong(key -> ((Key.Number) key).value()).summaryStatistics();
        return Optional.of(new KeyBounds(new Key.Number(numbers.getMin()), new Key.Number(numbers.getMax())));
    }
}
