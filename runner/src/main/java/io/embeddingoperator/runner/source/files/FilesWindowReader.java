package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.source.FilePart;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.StoredFile;
import io.embeddingoperator.runner.source.WindowReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the pieces of a shard one after the other and cuts windows, which may hold records of many files. */
final class FilesWindowReader implements WindowReader {
    private static final int MOST_EXPECTED = 16;

    private final FileStore store;
    private final FileFormat format;
    private final List<Piece> pieces;
    private final int windowDocuments;
    private final boolean notesFiles;
    private Place place;
    private @Nullable PieceReader reader;
    private int opened;
    private int expected;

    /**
     * @param after where the last window ended; empty to start with the first piece
     * @param notesFiles whether windows tell what they have of each file
     */
    FilesWindowReader(
            FileStore store,
            FileFormat format,
            List<Piece> pieces,
            Optional<Place> after,
            int windowDocuments,
            boolean notesFiles) {
        this.store = store;
        this.format = format;
        this.pieces = pieces;
        this.windowDocuments = windowDocuments;
        this.notesFiles = notesFiles;
        this.place = after.orElseGet(() -> startOf(0));
    }

    @Override
    public Optional<SourceWindow> next() {
        Place start = place;
        OpenWindow window = new OpenWindow();
        while (!window.isFull() && place.piece() < pieces.size()) {
            Piece piece = pieces.get(place.piece());
            try {
                read(piece, window);
            } catch (IOException e) {
                throw new UnavailableException(
                        "%s cannot be read for now: %s".formatted(piece.path(), e.getMessage()), e);
            }
        }
        return place.equals(start) ? Optional.empty() : Optional.of(window.closed(place));
    }

    @Override
    public void close() {
        try {
            closeReader();
        } catch (IOException e) {
            // Nothing was written through it, and what was read has been used already.
            reader = null;
        }
    }

    private void read(Piece piece, OpenWindow window) throws IOException {
        if (reader == null) {
            // A byte range means something only in the file that was divided.
            store.refuseChanged(piece.file());
            reader = format.open(piece, place.offset());
            opened++;
            expectNext();
        }
        Optional<FileRecord> next = reader.next();
        if (next.isEmpty()) {
            finish(piece, window);
            return;
        }
        switch (next.get()) {
            case FileRecord.Readable(Document document, long bytes) -> {
                window.add(document, bytes, piece);
                move(piece, reader, window);
            }
            case FileRecord.Unreadable(FailedDocument failed) -> {
                window.add(failed, piece);
                move(piece, reader, window);
            }
            case FileRecord.Damaged(FailedDocument failed) -> {
                window.add(failed, piece);
                finish(piece, window);
            }
        }
    }

    /** As many as were read so far: one who looks at a few documents alone asks for little more. */
    private void expectNext() {
        int end = Math.min(pieces.size(), place.piece() + 1 + Math.min(opened, MOST_EXPECTED));
        for (expected = Math.max(expected, place.piece() + 1); expected < end; expected++) {
            Piece next = pieces.get(expected);
            if (next.from() == 0 && format.readsFromStart()) {
                store.expect(next.file());
            }
        }
    }

    private void move(Piece piece, PieceReader at, OpenWindow window) {
        long work = Math.clamp(at.work(), place.work(), piece.bytes());
        window.addWork(work - place.work(), piece);
        place = new Place(place.piece(), at.offset(), work);
    }

    private void finish(Piece piece, OpenWindow window) throws IOException {
        closeReader();
        store.refuseChanged(piece.file());
        window.addWork(piece.bytes() - place.work(), piece);
        place = startOf(place.piece() + 1);
    }

    private Place startOf(int piece) {
        return new Place(piece, piece < pieces.size() ? format.start(pieces.get(piece)) : 0, 0);
    }

    private void closeReader() throws IOException {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }

    /** The window that is being filled. */
    private final class OpenWindow {
        private final List<Document> documents = new ArrayList<>();
        private final List<FailedDocument> failed = new ArrayList<>();
        private final Map<Key, String> locations = new HashMap<>();
        private final Map<StoredFile, OpenPart> files = new LinkedHashMap<>();
        private long bytes;
        private long keyBytes;
        private long work;

        boolean isFull() {
            return documents.size() + failed.size() >= windowDocuments || bytes + keyBytes >= Limits.MAX_WINDOW_BYTES;
        }

        void add(Document document, long documentBytes, Piece piece) {
            String first = locations.putIfAbsent(document.key(), document.location());
            if (first == null) {
                documents.add(document);
                part(piece).keys.add(document.key());
                bytes += documentBytes;
                keyBytes += document.key().toString().length();
            } else {
                add(
                        FailedDocument.of(
                                document,
                                "its key stands at %s already: give every document a key of its own".formatted(first)),
                        piece);
            }
        }

        /** A key is as long as the source makes it, also that of a document without text. */
        void add(FailedDocument document, Piece piece) {
            failed.add(document);
            part(piece).add(document.kind());
            keyBytes += document.key().map(String::length).orElse(0);
        }

        void addWork(long done, Piece piece) {
            work += done;
            part(piece).bytes += done;
        }

        SourceWindow closed(Place end) {
            List<FilePart> parts = notesFiles
                    ? files.entrySet().stream()
                            .map(part -> part.getValue().closed(part.getKey()))
                            .toList()
                    : List.of();
            return new SourceWindow(documents, failed, end.toPosition(), work, bytes, Optional.empty(), parts);
        }

        private OpenPart part(Piece piece) {
            return files.computeIfAbsent(piece.file(), _ -> new OpenPart());
        }
    }

    /** What the window has of a file so far. */
    private static final class OpenPart {
        private final List<Key> keys = new ArrayList<>();
        private long bytes;
        private int empty;
        private int failed;

        void add(FailedDocument.Kind kind) {
            switch (kind) {
                case EMPTY -> empty++;
                case FAULT, DAMAGE -> failed++;
            }
        }

        FilePart closed(StoredFile file) {
            return new FilePart(file, bytes, keys, empty, failed);
        }
    }
}
