package io.embeddingoperator.runner.source.files;

import com.github.luben.zstd.Zstd;
import io.embeddingoperator.api.v1alpha1.DocumentFormat;
import io.embeddingoperator.api.v1alpha1.FileMetadata;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/** What tests of files do again and again: write files, open a source over them, read it. */
final class ReadFiles {
    private static final int WINDOW_DOCUMENTS = 1_024;

    private final Path root;

    ReadFiles(Path root) {
        this.root = root;
    }

    Path write(String path, String content) {
        return write(path, content.getBytes(StandardCharsets.UTF_8));
    }

    Path write(String path, byte[] content) {
        try {
            Path file = root.resolve(path);
            Files.createDirectories(file.getParent());
            return Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    static byte[] gzip(String content) {
        return gzip(content.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] zstd(byte[] content) {
        return Zstd.compress(content);
    }

    static byte[] zstd(String content) {
        return zstd(content.getBytes(StandardCharsets.UTF_8));
    }

    /** Key {@code id}, text {@code text}. */
    Source ndjson(String glob) {
        return ndjson(glob, List.of("text"), List.of());
    }

    Source ndjson(String glob, List<String> textFields, List<String> metadataFields) {
        return FilesSource.open(
                new VolumeSource("corpus", glob, DocumentFormat.NDJSON, "id", textFields, metadataFields, List.of()),
                Optional.of(root));
    }

    Source ndjson(String glob, String key, List<String> textFields) {
        return FilesSource.open(
                new VolumeSource("corpus", glob, DocumentFormat.NDJSON, key, textFields, List.of(), List.of()),
                Optional.of(root));
    }

    /** Key {@code id}, text {@code text}, or for Text the whole file. */
    Source withMetadata(String glob, DocumentFormat format, FileMetadata... metadata) {
        boolean hasFields = format != DocumentFormat.Text;
        return FilesSource.open(
                new VolumeSource(
                        "corpus",
                        glob,
                        format,
                        hasFields ? "id" : null,
                        hasFields ? List.of("text") : List.of(),
                        List.of(),
                        List.of(metadata)),
                Optional.of(root));
    }

    Source parquet(String glob, String key, List<String> textFields, List<String> metadataFields) {
        return FilesSource.open(
                new VolumeSource("corpus", glob, DocumentFormat.Parquet, key, textFields, metadataFields, List.of()),
                Optional.of(root));
    }

    Source text(String glob) {
        return FilesSource.open(
                new VolumeSource("corpus", glob, DocumentFormat.Text, null, List.of(), List.of(), List.of()),
                Optional.of(root));
    }

    /** Everything that the source holds, read in one shard. */
    static Contents all(Source source) {
        Contents contents = new Contents();
        for (ShardRange range : source.plan(1)) {
            contents.addAll(windows(source, range, Optional.empty()));
        }
        return contents;
    }

    static List<SourceWindow> windows(Source source, ShardRange range, Optional<Position> after) {
        List<SourceWindow> windows = new ArrayList<>();
        try (WindowReader reader = source.read(range, after, WINDOW_DOCUMENTS)) {
            for (Optional<SourceWindow> next = reader.next(); next.isPresent(); next = reader.next()) {
                windows.add(next.get());
            }
        }
        return windows;
    }

    /** The documents of windows, joined. */
    static final class Contents {
        final List<Document> documents = new ArrayList<>();
        final List<FailedDocument> failed = new ArrayList<>();

        void addAll(List<SourceWindow> windows) {
            windows.forEach(window -> {
                documents.addAll(window.documents());
                failed.addAll(window.failed());
            });
        }

        List<String> keys() {
            return documents.stream().map(document -> document.key().toString()).toList();
        }

        List<String> texts() {
            return documents.stream().map(Document::text).toList();
        }
    }
}
