package io.embeddingoperator.runner.source.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.runner.source.ShardRange;
import java.util.List;

/** The pieces of one shard in the order in which they are read; as JSON, the definition of a {@link ShardRange}. */
record Pieces(List<Piece> pieces) {
    private static final ObjectMapper JSON = new ObjectMapper();

    Pieces {
        pieces = List.copyOf(pieces);
    }

    ShardRange toRange(int shard) {
        try {
            long bytes = pieces.stream().mapToLong(Piece::bytes).sum();
            return new ShardRange(shard, JSON.writeValueAsString(this), bytes);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("pieces are always JSON", e);
        }
    }

    static Pieces of(ShardRange range) {
        try {
            return JSON.readValue(range.definition(), Pieces.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "the definition of shard %d is not one of pieces of files".formatted(range.shard()), e);
        }
    }
}
