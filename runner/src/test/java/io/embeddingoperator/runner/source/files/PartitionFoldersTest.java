package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.DocumentFormat;
import io.embeddingoperator.api.v1alpha1.FileMetadata;
import io.embeddingoperator.api.v1alpha1.MetadataType;
import io.embeddingoperator.runner.document.ColumnType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.LocalDate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionFoldersTest {
    private static final FileMetadata LANG = FileMetadata.named("lang");
    private static final FileMetadata DAY = new FileMetadata("day", "published", MetadataType.Date);

    @TempDir
    private Path folder;

    private ReadFiles files;

    @BeforeEach
    void open() {
        files = new ReadFiles(folder);
    }

    @Test
    void linesGetTheMetadataOfTheirFolders() {
        // given
        files.write("in/lang=de/day=2026-01-01/a.ndjson", "{\"id\":\"1\",\"text\":\"x\"}\n");
        files.write(
                "in/lang=a%2Fb%20%C3%A9+%FF/day=__HIVE_DEFAULT_PARTITION__/b.ndjson.gz",
                ReadFiles.gzip("{\"id\":\"2\",\"text\":\"x\"}\n{\"id\":\"3\",\"text\":\"x\",\"lang\":\"own\"}\n"));
        files.write("in/c.ndjson", "{\"id\":\"4\",\"text\":\"x\"}\n");

        // when
        Source source = files.withMetadata("in/**/*", DocumentFormat.NDJSON, LANG, DAY);

        // then
        assertThat(source.schema().metadata())
                .containsExactly(
                        new MetadataColumn("lang", ColumnType.TEXT), new MetadataColumn("published", ColumnType.DATE));
        assertThat(ReadFiles.all(source).documents)
                .extracting(document -> document.key() + " " + document.metadata())
                .containsExactly("4 [null, null]", "2 [a/b \u00e9+%FF, null]", "3 [own, null]", "1 [de, 2026-01-01]");
    }

    @Test
    void oneFolderMayBeTwoColumnsOfDifferentTypes() {
        // given
        files.write("day=2026-01-01/a.ndjson", "{\"id\":\"1\",\"text\":\"x\"}\n");

        // when
        Source source = files.withMetadata("*/*", DocumentFormat.NDJSON, FileMetadata.named("day"), DAY);

        // then
        assertThat(ReadFiles.all(source).documents.getFirst().metadata())
                .containsExactly("2026-01-01", LocalDate.of(2026, 1, 1));
    }

    @Test
    void textFilesGetTheMetadataOfTheirFolders() {
        // given
        files.write("in/lang=de/a.txt", "words");
        files.write("in/b.txt", "words");

        // when
        Source source = files.withMetadata("in/**/*.txt", DocumentFormat.Text, LANG);

        // then
        assertThat(ReadFiles.all(source).documents)
                .extracting(document -> document.key() + " " + document.metadata())
                .containsExactly("in/b.txt [null]", "in/lang=de/a.txt [de]");
    }

    @Test
    void aFolderOfAnotherTypeIsRefusedBeforeAnythingIsRead() {
        // given
        files.write("day=today/a.ndjson", "{\"id\":\"1\",\"text\":\"x\"}\n");

        // when, then
        Source source = files.withMetadata("*/*", DocumentFormat.NDJSON, DAY);
        assertThatThrownBy(() -> source.plan(1))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("folder day= of day=today/a.ndjson is 'today', which is no value of the type date that"
                        + " spec.source.volume.metadata gives its column: correct one of them");
    }

    @Test
    void rowsGetTheMetadataOfTheirFoldersAndColumnsOfTheFileWin() throws IOException {
        // given
        files.write("lang=de/note=9/a.parquet", resource("some-values.parquet"));
        files.write("lang=__HIVE_DEFAULT_PARTITION__/note=9/b.parquet", resource("all-null.parquet"));

        // when
        Source source = files.withMetadata("**/*.parquet", DocumentFormat.Parquet, LANG, FileMetadata.named("note"));

        // then
        assertThat(source.schema().metadata())
                .containsExactly(
                        new MetadataColumn("lang", ColumnType.TEXT), new MetadataColumn("note", ColumnType.INTEGER));
        assertThat(ReadFiles.all(source).documents)
                .extracting(document -> document.key() + " " + document.metadata())
                .containsExactly("1 [null, null]", "2 [null, null]", "3 [de, 7]");
    }

    @Test
    void parquetFilesWithoutTheColumnAndTheFolderAreRefused() throws IOException {
        // given
        files.write("lang=de/a.parquet", resource("some-values.parquet"));
        files.write("other/b.parquet", resource("some-values.parquet"));

        // when, then
        Source source = files.withMetadata("**/*.parquet", DocumentFormat.Parquet, LANG);
        assertThatThrownBy(() -> source.plan(1))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.source.volume: the metadata names lang, a column that other/b.parquet does not have:"
                        + " its columns are id, text, note");
    }

    @Test
    void aColumnOfAParquetFileKeepsItsType() throws IOException {
        // given
        files.write("a.parquet", resource("some-values.parquet"));

        // when, then
        assertThatThrownBy(() -> files.withMetadata(
                        "*.parquet", DocumentFormat.Parquet, new FileMetadata("note", "remark", MetadataType.Text)))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "spec.source.volume: the metadata gives note the type Text, and it is a column of integer in"
                                + " a.parquet: leave the type out");
        assertThat(files.withMetadata("*.parquet", DocumentFormat.Parquet, new FileMetadata("note", "remark", null))
                        .schema()
                        .metadata())
                .containsExactly(new MetadataColumn("remark", ColumnType.INTEGER));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = PartitionFoldersTest.class.getResourceAsStream("/source/files/" + name)) {
            return in.readAllBytes();
        }
    }
}
