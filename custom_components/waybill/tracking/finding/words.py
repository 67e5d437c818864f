"""The words around numbers in messages: what each says that the number is."""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final
import unicodedata


class Label(StrEnum):
    """What a word says of the number that follows it."""

    TRACKING = "tracking"
    """It is a tracking number."""
    PARCEL = "parcel"
    """It has to do with a parcel under way."""
    OTHER_NUMBER = "other_number"
    """It is a number of another kind."""
    OTHER_THING = "other_thing"
    """It belongs to something else, as a rule."""


# Written as `fold` leaves them. Of two that overlap, the longer one counts; up to
# three more letters may end a word: numbers, Sendungsnummern.
_WORDS: Final = {
    Label.TRACKING: """
        tracking number; tracking num; tracking no; tracking nr; tracking #;
        tracking n; tracking id; tracking code; tracking ref; tracking reference;
        tracking info; tracking details; tracking link; trackingnumber; trackingid;
        tracking; track trace; track & trace; track and trace; trackcode; track code;
        track number; track no;
        track id; trk #; trk no; shipment number; shipment no; shipment id;
        shipment reference; shipment tracking; shipping number; shipping id;
        consignment number; consignment no; consignment reference; consignment id;
        consignment note; parcel number; parcel no; parcel id; parcel reference;
        package number; package no; package id; waybill number; waybill no; waybill;
        air waybill; airway bill; awb number; awb no; awb; pro number; order tracking number; delivery tracking number; label number;
        item number for tracking; mail item number;
        numero de suivi; n° de suivi; no de suivi; n de suivi; num de suivi;
        code de suivi; reference de suivi; lien de suivi; suivi n°; suivi colis;
        suivi du colis; suivi de colis; numero de colis; numero du colis;
        numero colis; n° de colis; n° du colis; n° colis; colis n°; colis no;
        numero d expedition; n° d expedition; numero de l expedition;
        numero d envoi; n° d envoi; numero de l envoi; reference colis;
        reference du colis; reference de l envoi; numero de tracking;
        numero de bordereau; numero de repere; numero de reperage;
        sendungsnummer; sendungs nr; sendungsnr; sendungs nummer; sendung nr;
        sendungsnummern; sendungs id; sendungscode; sendungskennung;
        sendungsverfolgungsnummer; sendungsverfolgung; sendungsreferenz;
        paketnummer; paket nr; paketnr; paketscheinnummer; paketschein nr;
        trackingnummer; tracking nummer; trackingcode; frachtbriefnummer; identcode;
        verfolgungsnummer;
        numero de seguimiento; n° de seguimiento; no de seguimiento;
        n de seguimiento; num de seguimiento; codigo de seguimiento;
        numero de rastreo; codigo de rastreo; numero de guia; no de guia;
        numero de envio; codigo de envio; n° de envio; numero de expedicion;
        localizador del envio; localizador de envio; seguimiento; numero de paquete;
        codice di tracciamento; codice tracciamento; numero di tracciamento;
        numero di tracking; codice di tracking; codice tracking; codice di monitoraggio;
        numero di spedizione; numero spedizione; codice di spedizione;
        codice spedizione; codice della spedizione; lettera di vettura;
        numero del pacco; numero pacco; ldv; tracciamento;
        trackingnummers; track en trace; track & trace code; track & tracecode;
        traceercode; tracering; zendingsnummer; zendingnummer; pakketnummer;
        verzendnummer; volgnummer; volgcode; barcode van je pakket;
        numero de rastreio; codigo de rastreio; numero de rastreamento;
        codigo de rastreamento; rastreio; rastreamento; numero de seguimento;
        codigo de seguimento; numero do objeto; codigo do objeto; codigo de objeto;
        numero de objeto; n° de seguimento; n° de rastreio; numero da encomenda ctt;
        numer przesylki; nr przesylki; numer paczki; nr paczki; numer sledzenia;
        numer listu przewozowego; nr listu przewozowego; list przewozowy;
        numer nadania; numer do sledzenia; kod sledzenia;
        cislo zasilky; podaci cislo; cislo baliku; sledovaci cislo; cislo zasielky;
        sparningsnummer; kollinummer; kolli id; sandningsnummer; sandnings id;
        paketnummer; sendningsnummer; sporingsnummer; sporings id; pakkenummer;
        forsendelsesnummer; forsendelsesnr; seurantakoodi; seurantatunnus;
        lahetystunnus; nyomkovetesi szam; nyomkovetesi kod; csomagszam;
        numar awb; numar de urmarire; cod de urmarire; takip numarasi; takip no;
        takip kodu; gonderi no; gonderi kodu;
        номер отслеживания; номер для отслеживания; код отслеживания; трек номер;
        трек код; трек; номер посылки; номер отправления; номер накладной;
        номер відстеження; номер накладної; ттн; номер за проследяване; товарителница;
        αριθμος αποστολης; κωδικος αποστολης; αριθμος παρακολουθησης;
        运单号; 运单号码; 运单编号; 快递单号; 物流单号; 物流编号; 追踪号; 追踪号码; 追踪编号;
        跟踪号; 跟踪号码; 跟踪单号; 货运单号; 包裹单号; 追蹤號碼; 追蹤編號; 快遞單號; 物流單號;
        運單號; 托運單號; 包裹號碼; 配送单号;
        追跡番号; 追跡; お問い合わせ番号; お問合せ番号; 問い合わせ番号; 送り状番号; 伝票番号; 配送番号;
        운송장번호; 운송장 번호; 송장번호; 송장 번호; 등기번호; 배송조회;
        رقم التتبع; رقم الشحنة; מספר מעקב; หมายเลขพัสดุ; เลขพัสดุ; ma van don;
        nomor resi; no resi; resi
    """,
    Label.PARCEL: """
        parcel; package; shipment; consignment; track your; track it; track my;
        colis; envoi; suivi; suivre; paket; packchen; sendung; lieferung mit; paquete;
        envio; seguir; pacco; spedizione; pakket; pakje; zending; bestelling volgen;
        encomenda; paczka; przesylka; zasilka; balik; paket; pakke; посылка;
        отправление; 包裹; 快递; 荷物; 소포; shipped; dispatched; your delivery;
        versendet; verschickt; expedie; inviato; enviado; verzonden; wyslana
    """,
    Label.OTHER_NUMBER: """
        order number; order no; order nr; order #; order id; order ref; order code;
        order reference; ordernumber; orderid; purchase order; po number; po no; po #;
        sales order; web order; customer order; your order #;
        return number; return id; rma; return authorization; delivery note;
        delivery note no; dispatch note; packing slip; package weight;
        invoice number; invoice no; invoice #; invoice id; invoice; receipt number;
        receipt no; receipt #; receipt; bill number; bill no; statement number;
        customer number; customer no; customer id; client number; client id;
        member number; membership number; member id; membership; loyalty number;
        account number; account no; account id; account; acct; sort code; routing number;
        reference number; reference no; ref no; our ref;
        booking reference; booking number; booking code; booking id; booking;
        reservation; confirmation number; confirmation code; confirmation no;
        ticket number; ticket no; e ticket; ticket; flight; record locator; pnr;
        case number; case id; case no; incident; request id; message id; session id;
        transaction id; transaction number; transaction no; transaction; payment id;
        payment reference; payment; authorisation code; authorization code;
        approval code; auth code; merchant id; terminal id; terminal; trace number;
        verification code; security code; one time; otp; passcode; password; pin code;
        meeting id; webinar id; conference id; dial in; serial number; serial no;
        serial; s n; imei; iccid; mac; mac address; uuid; guid; hash; checksum; sha256;
        commit; build; version; license key; licence number; license number;
        policy number; policy no; claim number; contract number; contract no;
        contract; agreement number; meter number; meter; supply number; mpan; mprn;
        vat number; vat no; vat id; vat reg; vat; tax id; ein; company number;
        registration number; reg no; registered number; registered; duns; passport;
        iban; bic; swift; card number; card ending; card; visa; mastercard; amex; sepa;
        mandate; creditor id; creditor; phone number; phone; telephone; tel; mobile;
        fax; hotline; helpline; whatsapp; call us; call; sms; text us;
        ean; isbn; issn; gtin; upc; asin; sku;
        article number; article no; art no; part number; part no; product code;
        product id; product number; model number; model; barcode; style; batch; lot;
        coupon; coupon code; voucher; voucher code; promo code; discount code;
        gift card; gift card number; code promo; carte cadeau; gutscheincode; gutschein;
        donation; donor; student id; patient; insurance; employee; staff id; locker pin;
        pickup code; pick up code; collection code; unlock code; access code;
        numero de commande; n° de commande; no de commande; n° commande;
        reference de commande; reference commande; commande n°; commande no;
        numero de facture; n° de facture; facture n°; facture; numero client;
        numero de client; n° client; n° de client; reference client; id client;
        numero de compte; compte; numero de dossier; dossier;
        numero de contrat; contrat; numero de police; police; numero d abonne;
        numero de serie; telephone; tel; portable; numero vert; appelez; fax; tva;
        siret; siren; rcs; naf; ics; rum; mandat; prelevement; carte; virement;
        transaction; numero de reservation; reservation; billet; vol; dossier n°;
        code de retrait; code retrait; code barres; code article; article; ref article;
        bon de livraison; bon de reduction; bon d achat; autorisation; rio; pdl; prm;
        bestellnummer; bestell nr; bestellnr; bestellung nr; bestellung nummer;
        bestellreferenz; auftragsnummer; auftrags nr; auftragsnr; auftrag nr; auftrag;
        rechnungsnummer; rechnungs nr; rechnungsnr; rechnung nr; rechnung; belegnummer;
        beleg nr; beleg; kundennummer; kunden nr; kundennr; kunde; mitgliedsnummer;
        vertragsnummer; vertragskonto; vertrag; kontonummer; konto; lieferschein;
        lieferscheinnummer; lieferschein nr; retourennummer; vorgangsnummer;
        aktenzeichen; referenznummer; buchungsnummer; buchungscode; buchung;
        ticketnummer; telefon; telefonnummer; mobil; rufnummer; ruf; anruf; hotline;
        ust id; ust idnr; ust idnr; umsatzsteuer id; steuernummer; steuer nr; hrb; hra;
        handelsregister; glaubiger; mandatsreferenz; zahlung; karte; karten nr;
        seriennummer; serien nr; artikelnummer; artikel nr; artikelnr; art nr; artikel;
        zahlernummer; versicherungsnummer; versicherungsschein; abholcode; pin; tan;
        numero de pedido; n° de pedido; no de pedido; pedido n°; pedido no;
        referencia del pedido; referencia de pedido; numero de factura; factura;
        numero de cliente; n° de cliente; cliente; telefono; movil; cif;
        nif; iva; cuenta; tarjeta; reserva; billete; vuelo; contrato; cups; poliza;
        codigo de barras; codigo de recogida; codigo promocional; cupon; articulo;
        justificante; albaran; expediente; localizador;
        numero d ordine; numero ordine; numero dell ordine; ordine n; ordine numero;
        ordine nr; id ordine; codice ordine; numero fattura; fattura; ricevuta;
        codice cliente; numero cliente; codice fiscale; partita iva; p iva; rea;
        telefono; cellulare; numero verde; conto; carta; prenotazione;
        biglietto; volo; contratto; pod; polizza; codice articolo; articolo; buono;
        codice sconto; codice a barre; scontrino; ddt; codice di ritiro; cro; trn;
        bestelnummer; ordernummer; bestelling nr; factuurnummer; factuur; klantnummer;
        klant; relatienummer; referentienummer; kenmerk; betalingskenmerk;
        telefoon; telefoonnummer; bel; btw; btw nummer; kvk; rekening; rekeningnummer;
        kaart; pas; boeking; boekingsnummer; contractnummer; polisnummer; artikelnummer;
        afhaalcode; kassabon; kortingscode; serienummer; reserveringsnummer;
        numero do pedido; n° do pedido; numero de encomenda; numero da encomenda;
        n° da encomenda; n° de encomenda; encomenda n°; encomenda numero; fatura;
        numero da fatura; nota fiscal; nf e; chave de acesso; cpf; cnpj; contribuinte;
        nif; telefone; telemovel; celular; conta; cartao; voo; bilhete; boleto;
        linha digitavel; entidade; referencia multibanco; apolice; protocolo; cupom;
        numer zamowienia; nr zamowienia; zamowienie nr; zamowienia nr; faktura;
        numer faktury; faktury; numer klienta; nr klienta; telefon; nip; regon; pesel;
        krs; konto; rachunek; nr rachunku; karta; karty; rezerwacja; rezerwacji; bilet;
        lot; umowa; umowy; paragon; kod odbioru; kod rabatowy; blik;
        cislo objednavky; objednavka c; faktura c; variabilni symbol; ico; dic;
        ordrenummer; bestillingsnummer; bestallningsnummer; fakturanummer; kundnummer;
        kundenummer; tilausnumero; laskun numero; asiakasnumero; viitenumero;
        rendelesszam; szamlaszam; numar comanda; factura nr; siparis no; siparis
        numarasi; fatura no; musteri no;
        номер заказа; заказ №; заказ; номер счета; счет; телефон; инн; карта; чек;
        номер замовлення; замовлення; рахунок; договор; бронирование; рейс;
        αριθμος παραγγελιας; τηλεφωνο; τιμολογιο; αφμ;
        订单号; 订单编号; 订单; 訂單編號; 訂單號碼; 訂單; 发票号码; 发票; 發票; 电话; 電話; 手机;
        账号; 卡号; 交易号; 客服; 验证码; 流水号; 航班; 票号; 身份证; 条码; 货号; 取件码;
        注文番号; 注文; ご注文番号; 請求書; 電話番号; お客様番号; 会員番号; 予約番号; 認証コード; 口座;
        商品コード; 領収書; 便名; 주문번호; 주문 번호; 전화; 전화번호; 계좌; 인증번호; 예약번호;
        رقم الطلب; هاتف; מספר הזמנה; טלפון
    """,
    Label.OTHER_THING: """
        reference; ref; your ref; referenz; referencia; riferimento; rif; referentie;
        order; your order; purchase; customer; client; member; commande; achat;
        bestellung; ihre bestellung; pedido; compra; ordine; acquisto; bestelling;
        zamowienie; zamowienia; objednavka; ordre; bestallning; item; item no; item number; item id; product; price;
        total; amount; montant; betrag; importe; importo; bedrag; kwota; date; datum
    """,
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CONNECTING_WORDS: Final = _words(
    """
    is are was the a of for with by via from your this and or no nr num number numbers
    code id ref carrier s
    est sont le la les de du des pour avec par votre et ou numero
    ist sind lautet lauten die der das fur mit von per ihr ihre ihrer und oder nummer zu
    es son el los para con por su y o
    e il lo per con da suo tuo del della dello
    de het een voor met van uw je jouw en of is
    o a os as do da com seu sua para
    to jest dla z od twojej twoja i nr numer
    bei at in on via express standard parcel paket colis pakket ground home
    paczka przesylka pacco paquete encomenda paket посылка package shipment sendung
    """
)
"""What may stand between a label and its number, folded."""

CARRIER_NAMES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        name: frozenset(carriers)
        for name, carriers in {
            "amazon logistics": ("amazon",),
            "australia post": ("australia_post",),
            "auspost": ("australia_post",),
            "canada post": ("canada_post",),
            "postes canada": ("canada_post",),
            "canpar": ("canpar",),
            "chronopost": ("chronopost", "dpd"),
            "colissimo": ("colissimo",),
            "deutsche post": ("deutsche_post", "dhl"),
            "dhl": ("dhl", "dhl_ecommerce"),
            "dpd": ("dpd", "chronopost"),
            "fedex": ("fedex",),
            "gls": ("gls",),
            "inpost": ("inpost",),
            "la poste": ("la_poste", "colissimo"),
            "lasership": ("lasership",),
            "old dominion": ("old_dominion",),
            "ontrac": ("ontrac", "lasership"),
            "postnl": ("postnl",),
            "purolator": ("purolator",),
            "royal mail": ("royal_mail",),
            "ups": ("ups",),
            "usps": ("usps",),
            "yodel": ("yodel",),
        }.items()
    }
)
"""Names of carriers whose numbers are not all telling by themselves, folded."""

CARRIER_NAME_WORDS: Final = frozenset(
    word for name in CARRIER_NAMES for word in name.split()
)
"""The words of which those names are made."""

TRACKING_HOSTS: Final = _words(
    """
    17track 4px aftership anpost auspost bpost bring brt cainiao canadapost-postescanada
    canpar chronopost colisprive colissimo correos correosexpress ctt ctt-expresso
    deutschepost dhl dhlparcel dpd dpdgroup dpdlocal evri fedex gls gls-group
    gls-italy gls-pakete gofoexpress hermesworld hongkongpost inpost japanpost
    kuronekoyamato landmarkglobal laposte lasership mondialrelay mrw myhermes
    nacex novaposhta novapost nzpost odfl omniva ontrac ordertracker packeta
    parcelforce parcelsapp poczta-polska post post-it poste posten posti
    postnl postnord ppl purolator royalmail sagawa-exp sda seur sf-express
    sf-international singpost speedeedelivery swisspost track24 ups usps yanwen
    yodel yunexpress yuntrack yw56 zasilkovna zrexpress
    """
)
"""Parts of the host names of those whose pages follow parcels."""

TRACKING_PARAMETERS: Final = _words(
    """
    awb awbnumber barcode codcolis codexp colli colliid consignment consignmentno
    consignmentnumber idc itemcode itemid listenumeroslt listenumeros mailnolist mailno
    parcel parcelcode parcelid parcelno parcelnr parcelnumber parcels packageid
    piececode piececodes pin pronumbers reqcodeno1 searchid sendungsnummer
    shipmentcode shipmentid shipmentno shipmentnumber shipment
    skybillnumber tlabels tlabel tlc track tracking trackingcode trackingid trackingno
    trackingnr trackingnum trackingnumber trackingnumbers trackingnummer trackid
    tracknum tracknumber tracknumbers tracknums trackno trknbr trknbrs trackcode
    tracknbr waybill waybillno numerodesuivi numerosuivi numcolis suivi inquirynumber1
    strorigtracknum
    """
)
"""Names of parameters that hold tracking numbers on such pages, without dashes."""

GENERAL_PARAMETERS: Final = _words(
    "code id match number numero nums num objects q query ref search snr text"
)
"""Names of parameters that hold them there too, among other things."""


def fold(text: str) -> str:
    """Return ``text`` of the same length, for comparison with these words.

    In small letters, without accents; dashes, underscores, apostrophes are blanks.
    """
    return text.translate({ord(mark): _folded(mark) for mark in set(text)})


_ODD_MARKS: Final = {
    "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "ı": "i", "ß": "s",
    "-": " ", "_": " ", "'": " ", "’": " ", "º": "°", "\u00a0": " ", "№": "#",
}  # fmt: skip


@lru_cache(maxsize=4096)
def _folded(mark: str) -> str:
    if (odd := _ODD_MARKS.get(mark)) is not None:
        return odd
    decomposed = unicodedata.normalize("NFD", mark)
    base, marks = decomposed[0], decomposed[1:]
    if marks and not all(map(unicodedata.combining, marks)):
        base = mark
    return small if len(small := base.lower()) == 1 else base


def _phrases(words: str) -> list[str]:
    return [fold(" ".join(phrase.split())) for phrase in words.split(";")]


LABELS: Final[Mapping[str, Label]] = MappingProxyType(
    {phrase: label for label, words in _WORDS.items() for phrase in _phrases(words)}
)
"""What a phrase says of the number behind it, by the folded phrase."""
