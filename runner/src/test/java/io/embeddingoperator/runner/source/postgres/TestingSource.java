package io.embeddingoperator.runner.source.postgres;

import io.embeddingoperator.api.v1alpha1.SecretKeyReference;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.postgres.ConnectionUri;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A database of a test's own and the manifest that reads from it. */
record TestingSource(
        String uri,
        String table,
        List<String> key,
        List<String> texts,
        String where,
        List<String> metadata,
        String changes) {
    /** What the windows of these tests hold at the most. */
    static final int WINDOW_DOCUMENTS = 1_024;

    static TestingSource of(String... statements) {
        return in(TestingPostgres.shared().newDatabase(), statements);
    }

    static TestingSource in(String uri, String... statements) {
        TestingPostgres.execute(uri, statements);
        return new TestingSource(uri, "public.articles", List.of("id"), List.of("body"), null, List.of(), null);
    }

    TestingSource table(String name) {
        return new TestingSource(uri, name, key, texts, where, metadata, changes);
    }

    TestingSource key(String... names) {
        return new TestingSource(uri, table, List.of(names), texts, where, metadata, changes);
    }

    TestingSource texts(String... names) {
        return new TestingSource(uri, table, key, List.of(names), where, metadata, changes);
    }

    TestingSource where(String condition) {
        return new TestingSource(uri, table, key, texts, condition, metadata, changes);
    }

    TestingSource metadata(String... names) {
        return new TestingSource(uri, table, key, texts, where, List.of(names), changes);
    }

    TestingSource changes(String column) {
        return new TestingSource(uri, table, key, texts, where, metadata, column);
    }

    TestingSource uri(String other) {
        return new TestingSource(other, table, key, texts, where, metadata, changes);
    }

    TestingSource sql(String... statements) {
        TestingPostgres.execute(uri, statements);
        return this;
    }

    PostgresSource open() {
        return PostgresSource.open(spec(), ConnectionUri.parse("EMBEDDING_SOURCE_URI", uri));
    }

    io.embeddingoperator.api.v1alpha1.PostgresSource spec() {
        return new io.embeddingoperator.api.v1alpha1.PostgresSource(
                new SecretValue(new SecretKeyReference("wiki", "uri")),
                table,
                key.size() == 1 ? key.getFirst() : null,
                key.size() == 1 ? List.of() : key,
                texts,
                where,
                metadata,
                changes);
    }

    /** All windows of all ranges. */
    List<SourceWindow> windows(int shards) {
        try (PostgresSource source = open()) {
            List<SourceWindow> windows = new ArrayList<>();
            for (ShardRange range : source.plan(shards)) {
                windows.addAll(windows(source, range, Optional.empty()));
            }
            return windows;
        }
    }

    static List<SourceWindow> windows(PostgresSource source, ShardRange range, Optional<Position> after) {
        return windows(source, range, after, WINDOW_DOCUMENTS);
    }

    static List<SourceWindow> windows(
            PostgresSource source, ShardRange range, Optional<Position> after, int windowDocuments) {
        List<SourceWindow> windows = new ArrayList<>();
        try (WindowReader reader = source.read(range, after, windowDocuments)) {
            for (Optional<SourceWindow> window = reader.next(); window.isPresent(); window = reader.next()) {
                windows.add(window.get());
            }
        }
        return windows;
    }

    static List<Document> documents(List<SourceWindow> windows) {
        return windows.stream().flatMap(window -> window.documents().stream()).toList();
    }

    static List<String> keys(List<SourceWindow> windows) {
        return documents(windows).stream()
                .map(document -> document.key().toString())
                .toList();
    }

    static List<FailedDocument> failed(List<SourceWindow> windows) {
        return windows.stream().flatMap(window -> window.failed().stream()).toList();
    }
}
