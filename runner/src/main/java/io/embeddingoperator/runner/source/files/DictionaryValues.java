package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.Limits;
import org.apache.parquet.column.Dictionary;

/** The values of a column's dictionary. A value that many rows use is decoded for the first of them. */
final class DictionaryValues {
    private final Dictionary dictionary;
    private final Room room;
    private final StoredBytes[] kept;

    DictionaryValues(Dictionary dictionary, Room room) {
        this.dictionary = dictionary;
        this.room = room;
        this.kept = new StoredBytes[dictionary.getMaxId() + 1];
    }

    StoredBytes get(int id) {
        if (kept[id] != null) {
            return kept[id];
        }
        StoredBytes value = new StoredBytes(dictionary.decodeToBinary(id));
        if (room.takes(value.length())) {
            kept[id] = value;
        }
        return value;
    }

    /** What the values that are kept may take, of all columns together; what finds no room is decoded for each row anew. */
    static final class Room {
        private static final int OBJECT_BYTES = 64;

        private long free = Limits.MAX_DOCUMENT_BYTES;

        private boolean takes(int bytes) {
            if (bytes + OBJECT_BYTES > free) {
                return false;
            }
            free -= bytes + OBJECT_BYTES;
            return true;
        }
    }
}
