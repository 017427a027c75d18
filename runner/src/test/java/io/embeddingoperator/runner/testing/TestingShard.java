package io.embeddingoperator.runner.testing;

import io.embeddingoperator.api.contract.Counts;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.DocumentHash;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.ShardWork;
import io.embeddingoperator.runner.pipeline.StoredDocuments;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** A shard in memory: its windows are a list, and what is committed is kept. */
public final class TestingShard implements WindowReader, WindowSink {
    private final int shard;
    private final List<SourceWindow> windows;
    private final Iterator<SourceWindow> unread;
    private final List<Window<EmbeddedDocument>> committed = new ArrayList<>();
    private final List<EmbeddedDocument> kept = new ArrayList<>();
    private final Map<Key, DocumentHash> hashes = new ConcurrentHashMap<>();
    private final Set<Key> ofOthers = ConcurrentHashMap.newKeySet();
    private final List<FailedDocument> duplicates = new ArrayList<>();
    private Counts counters = Counts.ZERO;
    private boolean completed;
    private final List<Key> firstKeys = new CopyOnWriteArrayList<>();
    private int windowsWithHashes = Integer.MAX_VALUE;
    private Runnable beforeItFails = () -> {};

    public TestingShard(int shard, List<SourceWindow> windows) {
        this.shard = shard;
        this.windows = List.copyOf(windows);
        this.unread = this.windows.iterator();
    }

    /** A window of documents with the keys first, first + 1, …. */
    public static SourceWindow window(long first, String... texts) {
        List<Document> documents = new ArrayList<>();
        for (String text : texts) {
            long key = first + documents.size();
            documents.add(new Document(new Key.Number(key), text, List.of(), "test id=" + key));
        }
        String end = Long.toString(first + texts.length - 1);
        return new SourceWindow(
                documents,
                List.of(),
                new Position(end),
                texts.length,
                String.join("", texts).length(),
                Optional.empty());
    }

    public ShardWork work() {
        return new ShardWork(shard, this, this);
    }

    public void knows(Key key, DocumentHash hash) {
        hashes.put(key, hash);
    }

    /** The sink's table has rows of another job under this key. */
    public void hasRowsOfOthers(Key key) {
        ofOthers.add(key);
    }

    /** @param windows the first ones, for which it succeeds, in any order that they are asked for */
    public void failsWhenAskedForHashes(int windows, Runnable before) {
        windowsWithHashes = windows;
        beforeItFails = before;
    }

    public void alreadyReadElsewhere(FailedDocument duplicate) {
        duplicates.add(duplicate);
    }

    public synchronized List<Window<EmbeddedDocument>> committed() {
        return List.copyOf(committed);
    }

    public synchronized List<EmbeddedDocument> documents() {
        return committed.stream().flatMap(window -> window.documents().stream()).toList();
    }

    /** Documents of windows that were not whole. */
    public synchronized List<EmbeddedDocument> kept() {
        return List.copyOf(kept);
    }

    public boolean completed() {
        return completed;
    }

    @Override
    public Optional<SourceWindow> next() {
        Optional<SourceWindow> next = unread.hasNext() ? Optional.of(unread.next()) : Optional.empty();
        next.flatMap(window -> window.documents().stream().findFirst())
                .ifPresent(document -> firstKeys.add(document.key()));
        return next;
    }

    @Override
    public StoredDocuments stored(List<Key> keys) {
        if (!keys.isEmpty() && firstKeys.indexOf(keys.getFirst()) >= windowsWithHashes) {
            beforeItFails.run();
            throw new UnavailableException("the sink is gone", null);
        }
        return new StoredDocuments(
                keys.stream().filter(hashes::containsKey).collect(Collectors.toMap(key -> key, hashes::get)),
                keys.stream().filter(ofOthers::contains).collect(Collectors.toSet()));
    }

    @Override
    public List<FailedDocument> duplicates(SourceWindow window) {
        return List.copyOf(duplicates);
    }

    @Override
    public synchronized Counts commit(Window<EmbeddedDocument> window) {
        committed.add(window);
        counters = counters.plus(new Counts(
                window.source().work(),
                window.documents().size(),
                window.unchanged().size(),
                window.failed().size(),
                0,
                0,
                0,
                0,
                0));
        return counters;
    }

    @Override
    public synchronized Counts keep(List<EmbeddedDocument> documents) {
        kept.addAll(documents);
        counters = counters.plus(new Counts(0, documents.size(), 0, 0, 0, 0, 0, 0, 0));
        return counters;
    }

    @Override
    public void complete() {
        completed = true;
    }

    @Override
    public void close() {}
}
