package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.Checkout;
import io.embeddingoperator.e2e.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page of a release tells its users: dev/release-notes. */
class ReleaseNotesTest {
    private static final String CHANGELOG = """
            # Changelog

            ## Unreleased

            - soon

            ## 0.2.0 - 2026-12-01

            ### Added

            - this

            ## [0.1.0] - 2026-11-01

            - that, as [the page](docs/page.md) and [others](https://example.com/page) say
            """;

    @TempDir
    private Path folder;

    private Path changelog;

    @BeforeEach
    void write() throws IOException {
        changelog = Files.writeString(folder.resolve("CHANGELOG.md"), CHANGELOG);
    }

    @Test
    void aReleaseTellsItsOwnSection() {
        assertThat(notes("0.2.0").text()).isEqualTo("### Added\n\n- this");
        assertThat(notes("0.1.0").text()).startsWith("- that");
    }

    @Test
    void filesOfTheRepositoryAreFoundFromTheReleasesPage() {
        assertThat(notes("0.1.0").text())
                .contains(
                        "[the page](https://github.com/embedding-operator/embedding-operator/blob/v0.1.0/docs/page.md)")
                .contains("[others](https://example.com/page)");
    }

    @Test
    void aCandidateTellsWhatIsNotReleased() {
        assertThat(notes("0.3.0-rc.1").text()).isEqualTo("- soon");
    }

    @Test
    void aReleaseWithoutASectionIsRefused() {
        Program.Answer answer = notes("0.3.0");

        assertThat(answer.exitCode()).isEqualTo(1);
        assertThat(answer.text()).contains("'## 0.3.0'").contains("rename 'Unreleased'");
    }

    private Program.Answer notes(String version) {
        return new Program(Checkout.file("dev/release-notes"), Map.of()).ask(version, changelog.toString());
    }
}
