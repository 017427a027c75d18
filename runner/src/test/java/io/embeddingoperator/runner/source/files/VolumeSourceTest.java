package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VolumeSourceTest {
    @TempDir
    private Path folder;

    private ReadFiles files;

    @BeforeEach
    void openFolder() {
        files = new ReadFiles(folder);
    }

    @Test
    void findsFilesByGlobInTheOrderOfTheirPaths() {
        files.write("in/b.txt", "b");
        files.write("in/a.txt", "a");
        files.write("in/deep/er/c.txt", "c");
        files.write("in/d.md", "d");
        files.write("in/.hidden.txt", "h");
        files.write("in/.hidden/e.txt", "h");
        files.write("other/f.txt", "f");

        assertThat(paths("in/*.txt")).containsExactly("in/a.txt", "in/b.txt");
        assertThat(paths("./in/*.{txt,md}")).containsExactly("in/a.txt", "in/b.txt", "in/d.md");
        assertThat(paths("in/**/*.txt")).containsExactly("in/a.txt", "in/b.txt", "in/deep/er/c.txt");
        assertThat(paths("**/*.txt")).containsExactly("in/a.txt", "in/b.txt", "in/deep/er/c.txt", "other/f.txt");
        assertThat(paths("in/.hidden/*.txt")).containsExactly("in/.hidden/e.txt");
        assertThat(paths(folder + "/in/*.md")).containsExactly(folder + "/in/d.md");
        assertThat(paths("in/a.txt")).containsExactly("in/a.txt");
    }

    @Test
    void folderThatIsHiddenItselfMakesNoneOfItsHiddenFilesVisible() {
        files.write(".hid/docs/a.txt", "a");
        files.write(".hid/docs/._a.txt", "h");
        files.write(".hid/docs/.git/config.txt", "h");

        assertThat(paths(folder + "/.hid/docs/**/*.txt")).containsExactly(folder + "/.hid/docs/a.txt");
        assertThat(paths(".hid/docs/**/*.txt")).containsExactly(".hid/docs/a.txt");
        assertThat(paths(".hid/docs/.git/*.txt")).containsExactly(".hid/docs/.git/config.txt");
        assertThat(paths(".hid/**/.git/*.txt")).containsExactly(".hid/docs/.git/config.txt");
    }

    @Test
    void followsLinksButNotInCircles() throws IOException {
        files.write("data/a.txt", "a");
        Files.createDirectories(folder.resolve("in"));
        Files.createSymbolicLink(folder.resolve("in/linked"), folder.resolve("data"));
        Files.createSymbolicLink(folder.resolve("data/up"), folder.resolve("data"));
        Files.createSymbolicLink(folder.resolve("in/nowhere.txt"), folder.resolve("nothing"));

        assertThat(paths("in/**/*.txt")).containsExactly("in/linked/a.txt");
    }

    @Test
    void saysWhatItLookedForAndWhereWhenNothingMatches() {
        files.write("in/a.txt", "a");

        assertThatThrownBy(() -> paths("in/*.ndjson"))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "spec.source.volume.path is in/*.ndjson, and no file in %s/in matches it:"
                                + " name files that exist",
                        folder);
        assertThatThrownBy(() -> paths("out/*.txt"))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "spec.source.volume.path is out/*.txt, and there is no folder %s/out:"
                                + " name files that exist",
                        folder);
        assertThatThrownBy(() -> paths("in"))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.source.volume.path is in, which is a folder: name the files in it, for example in/*");
    }

    @Test
    void saysThatAGlobIsNone() {
        assertThatThrownBy(() -> paths("in/*\0.txt"))
                .isInstanceOf(SpecificationException.class)
                .hasMessageEndingWith(".txt, which is no glob: Nul character not allowed");
        assertThatThrownBy(() -> paths("in/[a"))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("spec.source.volume.path is in/[a, which is no glob: Missing '] at character 4");
    }

    @Test
    void refusesAFileThatChangedSinceTheRunWasPlanned() throws IOException {
        files.write("a.ndjson", "{\"id\":1,\"text\":\"x\"}\n");
        Source source = files.ndjson("*.ndjson");
        ShardRange range = source.plan(1).get(0);

        Files.writeString(folder.resolve("a.ndjson"), "{\"id\":1,\"text\":\"longer\"}\n");

        assertThatThrownBy(() -> ReadFiles.windows(source, range, Optional.empty()))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("a.ndjson changed since this run was planned (it had 20 bytes then and has 25 now):"
                        + " change runNonce to read it anew");
    }

    @Test
    void refusesAFileOfTheSameSizeThatWasWrittenSinceTheRunWasPlanned() throws IOException {
        files.write("a.ndjson", "{\"id\":1,\"text\":\"x\"}\n");
        Source source = files.ndjson("*.ndjson");
        ShardRange range = source.plan(1).get(0);

        Files.setLastModifiedTime(folder.resolve("a.ndjson"), FileTime.fromMillis(1_000_000));

        assertThatThrownBy(() -> ReadFiles.windows(source, range, Optional.empty()))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("a.ndjson changed since this run was planned");
    }

    @Test
    void refusesToGoOnWithoutAFileThatIsGone() throws IOException {
        files.write("a.ndjson", "{\"id\":1,\"text\":\"x\"}\n");
        Source source = files.ndjson("*.ndjson");
        ShardRange range = source.plan(1).get(0);

        Files.delete(folder.resolve("a.ndjson"));

        assertThatThrownBy(() -> ReadFiles.windows(source, range, Optional.empty()))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "a.ndjson is gone from %s since this run was planned:"
                                + " put it back, or change runNonce to read what is there",
                        folder);
    }

    @Test
    void keepsFilesThatWereAddedAfterPlanningForTheNextRun() {
        files.write("a.ndjson", "{\"id\":1,\"text\":\"x\"}\n");
        Source source = files.ndjson("*.ndjson");
        ShardRange range = source.plan(1).get(0);

        files.write("b.ndjson", "{\"id\":2,\"text\":\"x\"}\n");

        assertThat(ReadFiles.windows(source, range, Optional.empty()))
                .singleElement()
                .satisfies(window -> assertThat(window.documents()).hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "in/link.txt",
                "in/*.txt",
                "**/*.txt",
                "in/folder/*.txt",
                "in/etc",
                "in/chain/x.txt",
                "../out/*.txt",
                "in/../../out/x.txt",
                "../../../../../../../../etc/hostname",
                "/etc/hostname"
            })
    void readsNothingOutsideOfTheVolume(String glob) throws IOException {
        Path volume = Files.createDirectories(folder.resolve("volume"));
        files.write("out/x.txt", "secret");
        files.write("volume/in/good.md", "good");
        Files.createSymbolicLink(volume.resolve("in/link.txt"), folder.resolve("out/x.txt"));
        Files.createSymbolicLink(volume.resolve("in/folder"), folder.resolve("out"));
        Files.createSymbolicLink(volume.resolve("in/etc"), Path.of("/etc/hostname"));
        Files.createSymbolicLink(volume.resolve("in/chain"), Path.of("folder"));

        assertThatThrownBy(() -> VolumeStore.mounted(volume, glob).list())
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("is outside of " + volume);
    }

    @Test
    void aPathThatIsNoLinkLeadsNowhereElse() throws IOException {
        // given
        Path volume = Files.createDirectories(folder.resolve("volume"));
        Path outside = files.write("out/x.txt", "secret").toRealPath();
        Files.createSymbolicLink(volume.resolve("link.txt"), outside);

        // when, then
        assertThatThrownBy(() -> VolumeStore.mounted(volume, outside.toString()).list())
                .hasMessage("%s is outside of %s: only files in that folder are read, so copy or mount it there"
                        .formatted(outside.getParent(), volume));
        assertThatThrownBy(() -> VolumeStore.mounted(volume, "link.txt").list())
                .hasMessageStartingWith("%s leads to %s, which is outside of %s"
                        .formatted(volume.resolve("link.txt"), outside, volume));
    }

    @Test
    void fileThatBecameALinkOrAPipeIsNotOpened() throws Exception {
        Path volume = Files.createDirectories(folder.resolve("volume"));
        files.write("out.txt", "secret");
        files.write("volume/a.txt", "x");
        VolumeStore store = VolumeStore.mounted(volume, "*.txt");
        StoredFile listed = store.list().findFirst().orElseThrow();
        StoredFile outside = new StoredFile("../out.txt", 6, "1");

        Files.delete(volume.resolve("a.txt"));
        Files.createSymbolicLink(volume.resolve("a.txt"), folder.resolve("out.txt"));

        assertThatThrownBy(() -> store.open(listed, 0, 1)).hasMessageContaining("which is outside of");
        assertThatThrownBy(() -> store.open(outside, 0, 6)).hasMessageContaining("is outside of");
        assertThatThrownBy(() -> store.refuseChanged(outside)).hasMessageContaining("is outside of");

        Files.delete(volume.resolve("a.txt"));
        assertThat(new ProcessBuilder("mkfifo", volume.resolve("a.txt").toString())
                        .start()
                        .waitFor())
                .isZero();

        assertThatThrownBy(() -> store.open(listed, 0, 1)).hasMessageContaining("was a file when this run was planned");
        assertThatThrownBy(store::list).hasMessageContaining("no file in");
    }

    @Test
    void personWithoutAVolumeNamesAnyFolderAndNoLinkLeadsOutOfIt() throws IOException {
        files.write("data/a.txt", "a");
        files.write("other/b.txt", "b");
        Path work = Files.createDirectories(folder.resolve("work"));

        assertThat(VolumeStore.local(work, folder + "/data/*.txt").list()).hasSize(1);
        assertThat(VolumeStore.local(work, "../data/*.txt").list()).hasSize(1);

        Files.createSymbolicLink(folder.resolve("data/b.txt"), folder.resolve("other/b.txt"));
        assertThatThrownBy(() -> VolumeStore.local(work, "../data/*.txt").list())
                .hasMessageContaining("which is outside of " + folder.resolve("data"));
    }

    private List<String> paths(String glob) {
        return VolumeStore.mounted(folder, glob).list().map(StoredFile::path).toList();
    }
}
