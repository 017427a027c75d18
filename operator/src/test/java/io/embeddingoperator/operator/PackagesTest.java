package io.embeddingoperator.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The packages know each other in one direction: a newcomer can read them from the first to the last. */
class PackagesTest {
    private static final String OPERATOR = "io.embeddingoperator.operator";

    /** Each may know those before it, and none behind it. */
    private static final List<String> ORDER =
            List.of("config", "desired", "observe", "decide", "status", "metrics", "event", "server", "reconcile");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(OPERATOR);

    @Test
    void noneKnowsAnotherThatKnowsIt() {
        slices().matching(OPERATOR + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void whatIsObservedAndDesiredKnowsNothingOfWhatIsDoneAboutIt() {
        List<String> later = new ArrayList<>(ORDER);
        for (String earlier : ORDER) {
            later.remove(earlier);
            if (!later.isEmpty()) {
                noClasses()
                        .that()
                        .resideInAPackage(OPERATOR + "." + earlier + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(later.stream()
                                .map(name -> OPERATOR + "." + name + "..")
                                .toArray(String[]::new))
                        .check(CLASSES);
            }
        }
    }

    @Test
    void theOperatorAndTheRunnerMeetInTheirContractAlone() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.embeddingoperator.runner..")
                .check(CLASSES);
    }
}
