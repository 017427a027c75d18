package io.embeddingoperator.operator.status;

import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Shards as an Indexed Job lists them: {@code 0,2-5,7}. */
final class ShardIndexes {
    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");

    private final BitSet indexes = new BitSet();

    private ShardIndexes() {}

    /** What cannot be read, or lies beyond the shards there are, is passed over; null is the empty list. */
    static ShardIndexes parse(@Nullable String list, int shards) {
        ShardIndexes parsed = new ShardIndexes();
        if (list != null) {
            for (String range : list.split(",")) {
                Matcher matcher = RANGE.matcher(range.strip());
                if (matcher.matches()) {
                    int first = Integer.parseInt(matcher.group(1));
                    int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
                    if (first <= last && first < shards) {
                        parsed.indexes.set(first, Math.min(last + 1, shards));
                    }
                }
            }
        }
        return parsed;
    }

    int count() {
        return indexes.cardinality();
    }

    boolean contains(int shard) {
        return indexes.get(shard);
    }

    List<Integer> list() {
        return indexes.stream().boxed().toList();
    }
}
