package io.embeddingoperator.runner.source.s3;

import io.embeddingoperator.runner.source.StoredFile;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * The first bytes of objects that will be opened soon: many small ones would otherwise be read at the speed at which the store
 * answers one after the other. What was expected and is not opened gives way to what is.
 */
final class ExpectedObjects {
    /** Of {@link ObjectStream#FIRST_BYTES} each at the most. */
    private static final int MOST = 32;

    private final SequencedMap<StoredFile, Future<byte[]>> asked = new LinkedHashMap<>();
    private final Function<StoredFile, Future<byte[]>> ask;

    /** @param ask asks for the first bytes of an object */
    ExpectedObjects(Function<StoredFile, Future<byte[]>> ask) {
        this.ask = ask;
    }

    synchronized void add(StoredFile file) {
        if (file.size() == 0 || asked.containsKey(file)) {
            return;
        }
        if (asked.size() == MOST) {
            asked.pollFirstEntry().getValue().cancel(true);
        }
        asked.put(file, ask.apply(file));
    }

    /** What was asked for, once; not what failed, which is asked for anew where it is read. */
    synchronized Optional<Future<byte[]>> take(StoredFile file) {
        return Optional.ofNullable(asked.remove(file)).filter(first -> first.state() != Future.State.FAILED);
    }
}
