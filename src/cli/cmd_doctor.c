/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_doctor.c - looks whether what the program promises can hold on this
 * machine, in plain sentences. What is wrong begins with "!" and makes the exit
 * code 1; it changes nothing.
 */
#include "cli/command.h"

#include "sys/key_cache.h"
#include "sys/machine.h"

#include <sys/stat.h>

enum { BACKUP_DAYS = 7, ROOM_MB = 500 };

struct visit {
    struct command_line *line;
    int wrong;
};

static void tell(struct visit *visit, bool good, const char *well,
                 const char *ill, const char *argument)
{
    struct err err = {0};

    err_set(&err, ERROR_INPUT, good ? well : ill, argument, NULL, NULL);
    printf(
        "%s %.*s\n", good ? " " : "!",
        STR_ARGS(err_text(&err, visit->line->translator, &visit->line->arena)));
    visit->wrong += !good;
}

static bool is_private(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && (about.st_mode & 077) == 0;
}

static void look_at_keys(struct visit *visit)
{
    struct house *house = &visit->line->house;
    struct keyring ring;
    struct err err = {0};
    bool read =
        house_read(house, &ring, &visit->line->arena, &err) == ERROR_NONE;

    tell(visit, read, N_("El archivo de llaves {1} se puede leer."),
         N_("El archivo de llaves {1} no se puede leer o está dañado."),
         house->path);
    tell(visit, is_private(house->path),
         N_("Solo su dueño puede leer las llaves."),
         N_("Otras personas de esta computadora pueden leer {1}: cámbielo con "
            "«chmod 600»."),
         house->path);
    if (!read)
        return;
    if (house->key)
        tell(visit, keyring_true(&ring, house->host->sealer, house->key),
             N_("Nadie cambió las llaves fuera de este programa."),
             N_("Alguien cambió {1} fuera de este programa. Compárelo con su "
                "copia (.old)."),
             house->path);
    tell(visit, keyring_find(&ring, SLOT_ACCOUNT, NULL) != NULL,
         N_("Hay cuentas que abren la casa."),
         N_("Ninguna cuenta abre la casa: si se apaga la computadora, nadie "
            "podrá entrar. Ponga otra vez su contraseña a quien administra."),
         NULL);
    tell(visit, keyring_find(&ring, SLOT_PAPER, NULL) != NULL,
         N_("Hay tres hojas de papel con la llave."),
         N_("No hay papel con la llave: imprímalo con «cobijo key paper»."),
         NULL);
}

static void look_at_file(struct visit *visit)
{
    struct house *house = &visit->line->house;

    if (!house->file)
        return;
    tell(visit, house->store_sealed, N_("El archivo de datos está cifrado."),
         N_("El archivo de datos {1} no está cifrado: «cobijo key seal»."),
         house->file);
    tell(visit, is_private(house->file),
         N_("Solo su dueño puede leer el archivo de datos."),
         N_("Otras personas de esta computadora pueden leer {1}: cámbielo con "
            "«chmod 600»."),
         house->file);
    tell(visit, machine_room(house->file) >= (int64_t)ROOM_MB * 1024 * 1024,
         N_("Hay lugar en el disco."),
         N_("Queda menos de 500 MB en el disco de {1}: libere espacio."),
         house->file);
}

static void look_at_backup(struct visit *visit)
{
    struct command_line *line = visit->line;
    const struct host *host = &line->native.host;
    const char *path = str_c(
        &line->arena, str_format(&line->arena, "%s.backup", line->house.path));
    struct stat about;
    int64_t age = INT64_MAX;

    if (stat(path, &about) == 0)
        age = host->now(host->context) / 1000 - (int64_t)about.st_mtime;
    tell(visit, age < (int64_t)BACKUP_DAYS * 24 * 3600,
         N_("Hay una copia de respaldo de esta semana."),
         N_("No hay copia de respaldo de esta semana: «cobijo backup ARCHIVO», "
            "y guárdela en otro lugar."),
         NULL);
}

static void look_at_machine(struct visit *visit)
{
    char name[64] = "", place[200] = "";

    tell(visit, !machine_open_swap(name, sizeof(name)),
         N_("La memoria no pasa sin cifrar al disco (swap)."),
         N_("{1} recibe partes de la memoria sin cifrar (swap): quítelo con "
            "«swapoff» o cífrelo."),
         name);
    tell(visit, machine_no_core(),
         N_("Si el programa falla, no se escribe su memoria en el disco."),
         N_("Si el programa falla, el sistema puede escribir su memoria en el "
            "disco."),
         NULL);
    tell(visit, key_cache_place(place, sizeof(place)),
         N_("La llave abierta queda solo en memoria ({1})."),
         N_("No hay memoria donde dejar la llave abierta: cada orden la "
            "pedirá."),
         place);
}

static void look_at_log(struct visit *visit)
{
    struct workplace place;
    struct log_fault fault = {0};
    struct err err = {0};
    int64_t entries = 0;
    bool good;

    if (command_house(visit->line, &err)) {
        tell(visit, false, NULL,
             N_("La casa está cerrada: no se pudo revisar la bitácora."), NULL);
        return;
    }
    good = workplace_open(visit->line, &place, &err) == ERROR_NONE;
    if (good) {
        good = log_verify(&place.app.office.log, place.db, &visit->line->arena,
                          &entries, &fault, &err) == ERROR_NONE &&
               !fault.err.code;
        workplace_close(&place);
    }
    tell(visit, good, N_("Nadie cambió ni quitó nada de la bitácora."),
         N_("La bitácora no está bien: «cobijo log verify» dice dónde."), NULL);
}

int cmd_doctor(struct command_line *line)
{
    struct visit visit = {.line = line};
    struct err err = {0};

    if (command_house_find(line, &err))
        return command_fail(line, &err);
    house_take(&line->house);
    if (line->house.kept) {
        look_at_keys(&visit);
        look_at_backup(&visit);
    } else {
        tell(&visit, false, NULL,
             N_("Este almacén no tiene llaves: sus datos no están "
                "cifrados. «cobijo key seal» los cifra."),
             NULL);
    }
    look_at_file(&visit);
    look_at_machine(&visit);
    look_at_log(&visit);
    return visit.wrong ? COMMAND_REFUSED : COMMAND_OK;
}
