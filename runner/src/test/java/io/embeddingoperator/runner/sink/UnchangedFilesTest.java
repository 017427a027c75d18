package io.embeddingoperator.runner.sink;

import static io.embeddingoperator.runner.sink.TestingDocuments.document;
import static io.embeddingoperator.runner.sink.TestingDocuments.embedded;
import static io.embeddingoperator.runner.sink.TestingSink.deleting;
import static io.embeddingoperator.runner.sink.TestingSink.newDatabase;
import static io.embeddingoperator.runner.sink.TestingSink.prepared;
import static io.embeddingoperator.runner.sink.TestingSink.query;
import static io.embeddingoperator.runner.sink.TestingSink.ranges;
import static io.embeddingoperator.runner.sink.TestingSink.spec;
import static io.embeddingoperator.runner.testing.TestingPostgres.execute;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.OrphanPolicy;
import io.embeddingoperator.runner.document.Document;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.pipeline.Durability;
import io.embeddingoperator.runner.pipeline.EmbeddedDocument;
import io.embeddingoperator.runner.pipeline.Window;
import io.embeddingoperator.runner.pipeline.WindowSink;
import io.embeddingoperator.runner.sink.run.Reading;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.run.RunRequest;
import io.embeddingoperator.runner.source.FilePart;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.SourcePlan;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.SourceWindow;
import io.embeddingoperator.runner.source.StoredFile;
import io.embeddingoperator.runner.source.WorkUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files a run leaves alone, and what becomes of their documents. */
class UnchangedFilesTest {
    private static final SourceSchema OBJECTS =
            new SourceSchema("objects", "id", KeyType.TEXT, List.of(), KeyOrder.BY_POSITION, WorkUnit.BYTES);

    private static final StoredFile A = new StoredFile("in/a", 20, "a1");
    private static final StoredFile B = new StoredFile("in/b", 10, "b1");

    private final String database = newDatabase();

    @Test
    void filesThatAreAsTheLastRunFoundThemAreNotReadAndTheirDocumentsStayAndCount() {
        try (EmbeddingSink sink = prepared(deleting(100), OBJECTS, database)) {
            // given
            runThrough(sink, 1, List.of(A, B));

            // when a run finds one of them changed, and one new
            StoredFile changed = new StoredFile("in/b", 10, "b2");
            StoredFile added = new StoredFile("in/c", 5, "c1");
            List<StoredFile> read = runThrough(sink, 2, List.of(A, changed, added));

            // then
            assertThat(read).containsExactly(changed, added);
            assertThat(keys()).containsExactly("in/a 0", "in/a 1", "in/b 0", "in/b 1", "in/c 0", "in/c 1");
            assertThat(query(
                            database,
                            "SELECT embedded, skipped FROM embedding_operator.shards JOIN embedding_operator.runs USING"
                                    + " (run_id) WHERE run = 2"))
                    .containsExactly("4|2");

            // when nothing has changed, and one is gone
            assertThat(runThrough(sink, 3, List.of(A, added))).isEmpty();

            // then
            assertThat(keys()).containsExactly("in/a 0", "in/a 1", "in/c 0", "in/c 1");
            assertThat(query(database, "SELECT path FROM embedding_operator.read_files ORDER BY path"))
                    .containsExactly("in/a", "in/c");
            assertThat(query(database, "SELECT count(*) FROM embedding_operator.read_documents"))
                    .containsExactly("4");
            assertThat(query(database, "SELECT count(*) FROM embedding_operator.document_keys"))
                    .containsExactly("0");
        }
    }

    @Test
    void aKeyOfAFileThatIsLeftAloneIsADuplicateInAnother() {
        try (EmbeddingSink sink = prepared(spec(), OBJECTS, database)) {
            // given
            runThrough(sink, 1, List.of(A));
            Run run = sink.openRun(request(2), known -> {
                assertThat(known.files().unread(List.of(A, B))).containsExactly(B);
                return SourcePlan.everything(ranges(1));
            });

            // when
            WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), OBJECTS, Durability.EVERY_WINDOW);
            List<FailedDocument> duplicates =
                    windows.duplicates(window(List.of(part(B, "in/a 1"))).source());

            // then
            assertThat(duplicates)
                    .singleElement()
                    .satisfies(duplicate ->
                            assertThat(duplicate.reason()).startsWith("key 'in/a 1' was already read at in/a:"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM vectors WHERE id = 'in/a 1'",
                "DELETE FROM vectors",
                "TRUNCATE vectors",
                "UPDATE vectors SET document_hash = '' WHERE id = 'in/a 0'",
                "UPDATE vectors SET embedded_at = now() WHERE id = 'in/a 0'",
                "UPDATE vectors SET embedded_by = 4711 WHERE id = 'in/a 0'",
                "DELETE FROM embedding_operator.runs",
                "UPDATE embedding_operator.runs SET completed_at = NULL, replaced_at = now()",
                "UPDATE embedding_operator.runs SET recipe = 'another|recipe'",
                "UPDATE embedding_operator.file_readings SET reading = 'another'",
                "DELETE FROM embedding_operator.read_files WHERE path = 'in/b'",
                "INSERT INTO embedding_operator.failed_documents (run_id, shard, key, location, reason)"
                        + " SELECT run_id, 0, 'in/a 0', '', '' FROM embedding_operator.runs",
            })
    void aFileIsReadAgainWhereItsRowsAreNotWhatTheLastRunLeft(String since) {
        try (EmbeddingSink sink = prepared(spec(), OBJECTS, database)) {
            // given
            runThrough(sink, 1, List.of(A, B));
            execute(database, since);

            // when, then
            assertThat(runThrough(sink, 2, List.of(A, B))).contains(A);
        }
    }

    @Test
    void aTableThatWasMadeAnewIsFilledFromAllFiles() {
        try (EmbeddingSink sink = prepared(spec(), OBJECTS, database)) {
            runThrough(sink, 1, List.of(A, B));
        }
        execute(database, "DROP TABLE vectors");
        try (EmbeddingSink sink = prepared(spec(), OBJECTS, database)) {
            assertThat(runThrough(sink, 2, List.of(A, B))).containsExactly(A, B);
        }
    }

    @Test
    void aRunWhoseTableIsDroppedMeanwhileIsPlannedAnew() {
        // given a run that leaves a file alone
        try (EmbeddingSink sink = prepared(spec(), OBJECTS, database)) {
            runThrough(sink, 1, List.of(A));
            assertThat(opened(sink, asAPod(2), List.of(A, B))).containsExactly(B);
        }

        // when
        execute(database, "DROP TABLE vectors");
        try (EmbeddingSink sink = prepared(spec(), OBJECTS, database)) {
            List<StoredFile> read = new ArrayList<>();
            Run run = sink.openRun(asAPod(2), known -> {
                read.addAll(known.files().unread(List.of(A, B)));
                return SourcePlan.everything(ranges(1));
            });

            // then
            assertThat(read).containsExactly(A, B);
            assertThat(sink.openRun(asAPod(2), () -> ranges(1)).id()).isEqualTo(run.id());
        }
    }

    @Test
    void aFileOfWhichSomethingFailedIsReadAgain() {
        try (EmbeddingSink sink = prepared(spec(), OBJECTS, database)) {
            // given
            FilePart damaged = new FilePart(A, A.size(), part(A).keys(), 0, 1);
            FilePart withoutText = new FilePart(B, B.size(), part(B).keys(), 1, 0);
            Run run = sink.openRun(request(1), known -> {
                known.files().unread(List.of(A, B));
                return SourcePlan.everything(ranges(1));
            });
            finish(sink, run, List.of(damaged, withoutText));

            // when, then
            assertThat(opened(sink, request(2), List.of(A, B))).containsExactly(A, B);
        }
    }

    @Test
    void documentsWithoutTextCountAsSkippedWhereTheirRowsGo() {
        try (EmbeddingSink sink = prepared(TestingSink.removingEmpty(OrphanPolicy.Keep, 100), OBJECTS, database)) {
            // given
            Run run = sink.openRun(request(1), known -> {
                known.files().unread(List.of(A));
                return SourcePlan.everything(ranges(1));
            });
            finish(sink, run, List.of(new FilePart(A, A.size(), part(A).keys(), 3, 0)));

            // when
            assertThat(opened(sink, request(2), List.of(A))).isEmpty();

            // then
            assertThat(query(database, "SELECT skipped FROM embedding_operator.shards ORDER BY run_id DESC LIMIT 1"))
                    .containsExactly("5");
        }
    }

    /** A run that reads what it has to, in two windows, and ends well. */
    private static List<StoredFile> runThrough(EmbeddingSink sink, int number, List<StoredFile> files) {
        List<StoredFile> read = new ArrayList<>();
        Run run = sink.openRun(request(number), known -> {
            read.addAll(known.files().unread(files));
            return SourcePlan.everything(ranges(1));
        });
        finish(sink, run, read.stream().map(file -> part(file)).toList());
        return read;
    }

    private static List<StoredFile> opened(EmbeddingSink sink, RunRequest request, List<StoredFile> files) {
        List<StoredFile> read = new ArrayList<>();
        sink.openRun(request, known -> {
            read.addAll(known.files().unread(files));
            return SourcePlan.everything(ranges(1));
        });
        return read;
    }

    private static void finish(EmbeddingSink sink, Run run, List<FilePart> parts) {
        WindowSink windows = sink.windows(run, sink.take(run, 0).orElseThrow(), OBJECTS, Durability.EVERY_WINDOW);
        for (FilePart part : parts) {
            Window<EmbeddedDocument> window = window(List.of(part));
            windows.duplicates(window.source());
            windows.commit(window);
        }
        windows.complete();
        sink.finish(run, 0, _ -> {});
    }

    private static FilePart part(StoredFile file, String... keys) {
        Stream<String> names =
                keys.length > 0 ? Arrays.stream(keys) : Stream.of(file.path() + " 0", file.path() + " 1");
        return new FilePart(
                file, file.size(), names.map(name -> (Key) new Key.Text(name)).toList(), 0, 0);
    }

    private static Window<EmbeddedDocument> window(List<FilePart> parts) {
        List<Document> documents = parts.stream()
                .flatMap(part -> part.keys().stream()
                        .map(key -> document(
                                key,
                                "text of %s in %s".formatted(key, part.file().version()))))
                .toList();
        long bytes = parts.stream().mapToLong(FilePart::bytes).sum();
        SourceWindow source = new SourceWindow(
                documents, List.of(), new Position(parts.getFirst().file().path()), bytes, 0, Optional.empty(), parts);
        return new Window<>(
                source,
                documents.stream()
                        .map(document -> embedded(document, document.text()))
                        .toList(),
                List.of(),
                List.of());
    }

    private static RunRequest request(int number) {
        return request(number, false);
    }

    private static RunRequest asAPod(int number) {
        return request(number, true);
    }

    private static RunRequest request(int number, boolean continueOnly) {
        return new RunRequest(
                TestingSink.JOB,
                number,
                "specification",
                "recipe",
                continueOnly,
                Optional.empty(),
                Optional.of(new Reading(Reading.Of.FILES, "reading")),
                OptionalInt.empty());
    }

    private List<String> keys() {
        return query(database, "SELECT DISTINCT id FROM vectors ORDER BY 1");
    }
}
