"""The layouts of market data that are known by name: one entry, one example file each.

The law: a layout only says what a column means where its name alone does not, or which column
stands where when a file has no header. Everything a plain name tells needs no entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from runtime.market.symbol_cells import MAYBE_NAMES, SYMBOL_NAMES, plain


class ColumnRole(StrEnum):
    """What a column is. Prices quote per base, volume base units unless the role says otherwise."""

    TIME = "time"  # when the bar opens, the trade happened or the rate was settled
    DATE = "date"
    CLOCK = "clock"  # time of day, beside a date
    CLOSE_TIME = "close_time"
    OPEN = "open"
    HIGH = "high"
    LOW = "low"
    CLOSE = "close"
    VOLUME = "volume"
    QUOTE_VOLUME = "quote_volume"
    UNSURE_VOLUME = "unsure_volume"  # base units in one market, contracts or quote in another
    TICKS = "ticks"  # number of price changes: no volume
    SYMBOL = "symbol"
    CONFIRM = "confirm"  # 0 or false: the bar is still open
    PRICE = "price"
    SIZE = "size"
    RATE = "rate"
    AVERAGE = "average"  # the bar's volume-weighted price: it lies between low and high


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One source's way of writing. `fingerprint` are names (plain) a header must have, all of them.

    `order` are the roles by place in a file without header (None: not used). `zone` is the zone of
    its times where they carry none. `note` is said to the user. `files` is what a file's name must
    have where nothing else tells two layouts apart, `contracts` what a symbol has whose sizes count
    contracts (both regular expressions).
    """

    name: str
    example: str
    fingerprint: frozenset[str] = frozenset()
    columns: MappingProxyType[str, ColumnRole | None] = field(
        default_factory=lambda: MappingProxyType({})
    )
    order: tuple[ColumnRole | None, ...] = ()
    zone: str | None = None
    note: str = ""
    closes: bool = False  # bars are told by the time they close
    files: str = ""
    contracts: str = ""


def _header(
    name: str,
    example: str,
    names: str,
    columns: dict[str, ColumnRole | None] | None = None,
    *,
    zone: str | None = None,
    note: str = "",
    closes: bool = False,
    contracts: str = "",
) -> Layout:
    return Layout(
        name=name,
        example=example,
        fingerprint=frozenset(plain(n) for n in names.split()),
        columns=MappingProxyType(columns or {}),
        zone=zone,
        note=note,
        closes=closes,
        contracts=contracts,
    )


_T, _O, _H, _L, _C, _V = (
    ColumnRole.TIME,
    ColumnRole.OPEN,
    ColumnRole.HIGH,
    ColumnRole.LOW,
    ColumnRole.CLOSE,
    ColumnRole.VOLUME,
)
_Q, _UNSURE = ColumnRole.QUOTE_VOLUME, ColumnRole.UNSURE_VOLUME

# Most particular first: the first layout whose fingerprint is in the header is the one.
WITH_HEADER: Final[tuple[Layout, ...]] = (
    _header(
        "OKX candles", "okx_candles.csv", "ts o h l c vol volCcy confirm",
        {"vol": _UNSURE, "volccy": _UNSURE, "volccyquote": _Q},
    ),
    _header(
        "OKX candle files", "okx_file.csv", "instrument_name open vol vol_ccy vol_quote open_time",
        {"vol": _UNSURE, "volccy": _UNSURE, "volquote": _Q},
    ),
    _header(
        "Deribit candles", "deribit.json", "ticks open high low close volume cost",
        {"ticks": _T, "cost": _Q},
    ),
    _header(
        "BitMEX buckets", "bitmex.csv", "timestamp symbol open trades volume vwap homeNotional foreignNotional",
        {"volume": None, "turnover": None, "homenotional": _V, "foreignnotional": _Q}, closes=True,
    ),
    _header(
        "HTX klines", "htx.csv", "id open close low high amount vol count",
        {"id": _T, "amount": _UNSURE, "vol": _UNSURE},
    ),
    _header(
        "CoinMarketCap", "coinmarketcap.csv", "timeOpen timeClose timeHigh timeLow volume marketCap",
        {"timeopen": _T, "timeclose": None, "timestamp": None, "volume": _Q},
    ),
    _header("TradeStation", "tradestation.txt", "date time open high low close up down", closes=True),
    _header("TradeStation days", "tradestation_vol.txt", "date time open high low close vol oi", closes=True),
    _header(
        "Upbit candles", "upbit.json", "candle_date_time_utc opening_price trade_price candle_acc_trade_volume",
        {"candledatetimeutc": _T, "timestamp": None, "market": None, "openingprice": _O, "tradeprice": _C,
         "candleacctradeprice": _Q, "candleacctradevolume": _V},
        zone="UTC",
    ),
    _header(
        "Binance klines", "binance_um_header.csv",
        "open_time close_time quote_volume taker_buy_volume",
    ),
    _header("Bybit API klines", "bybit_api.csv", "startTime openPrice highPrice turnover"),
    _header(
        "CryptoDataDownload", "cryptodatadownload.csv", "unix date symbol open high low close",
    ),
    _header(
        "CoinAPI", "coinapi.csv", "time_period_start time_period_end price_open volume_traded",
        {"timeopen": None, "timeclose": None},
    ),
    _header(
        "MetaTrader export", "metatrader.csv", "<DATE> <OPEN> <TICKVOL>",
        {"tickvol": ColumnRole.TICKS, "vol": _V},
        note="MetaTrader writes the times of the broker's server; --tz says its zone",
    ),
    _header(
        "Stooq", "stooq_bulk.csv", "<TICKER> <PER> <DATE> <TIME> <OPEN> <VOL>",
        {"per": None, "openint": None},
    ),
    _header(
        "Polygon flat file", "polygon.csv", "ticker volume open close high low window_start",
    ),
    _header("Alpaca", "alpaca.csv", "timestamp open close trade_count vwap"),
    _header("Dukascopy", "dukascopy.csv", "gmttime open high low close"),
    _header("Dukascopy, time of Eastern Europe", "dukascopy_eet.csv", "timeeet open high low close volume",
            {"timeeet": _T}, zone="Europe/Athens"),
    _header("Dukascopy, local time", "dukascopy_local.csv", "localtime open high low close"),
    _header("Investing.com", "investing.csv", "date price open high low vol change",
            {"price": _C}),
    _header("Yahoo Finance", "yahoo.csv", "date open high low close adjclose volume",
            note="of coins Yahoo tells the volume in dollars, of all venues: --no-volume leaves it out"),
    _header("CryptoCompare", "cryptocompare.csv", "time open close volumefrom volumeto",
            {"volumefrom": _V, "volumeto": _Q}),
    _header("KuCoin klines", "kucoin.csv", "time open close high low volume turnover"),
    _header("Bybit trades", "bybit_trades.csv", "timestamp side size price tickdirection homenotional",
            {"size": None, "homenotional": ColumnRole.SIZE}),
    _header("Bybit spot trades", "bybit_spot_trades.csv", "id timestamp price volume side",
            {"volume": ColumnRole.SIZE}),
    _header("OKX trades", "okx_trades.csv", "instrument_name trade_id side price size created_time",
            {"createdtime": _T}, contracts=r"-SWAP|-\d{6}"),
    _header("Binance trades", "binance_trades_header.csv", "id price qty time quoteqty"),
    _header("Binance aggregated trades", "binance_agg_header.csv", "price quantity transacttime",
            {"transacttime": _T}),
)  # fmt: skip

# Files without header, told by number and shape of their columns; each must also make sense
# (high above the rest, low below it) in every sampled row.
WITHOUT_HEADER: Final[tuple[Layout, ...]] = (
    Layout(name="Binance klines", example="binance_headless.csv",
           order=(_T, _O, _H, _L, _C, _V, ColumnRole.CLOSE_TIME, _Q, None, None, None, None)),
    Layout(name="OKX candles", example="okx_headless.json",
           order=(_T, _O, _H, _L, _C, _UNSURE, _UNSURE, _Q, ColumnRole.CONFIRM)),
    Layout(name="Kraken candles", example="kraken_rest.json",
           order=(_T, _O, _H, _L, _C, ColumnRole.AVERAGE, _V, None)),
    Layout(name="MEXC candles", example="mexc_headless.json",
           order=(_T, _O, _H, _L, _C, _V, ColumnRole.CLOSE_TIME, _Q)),
    Layout(name="Gate candles", example="gate_headless.json",
           order=(_T, _Q, _C, _H, _L, _O, _V, ColumnRole.CONFIRM)),
    Layout(name="Bybit candles", example="bybit_headless.json",
           order=(_T, _O, _H, _L, _C, _V, _Q)),
    Layout(name="KuCoin candles", example="kucoin_headless.json",
           order=(_T, _O, _C, _H, _L, _V, _Q)),
    Layout(name="Kraken OHLCVT", example="kraken_ohlcvt.csv",
           order=(_T, _O, _H, _L, _C, _V, None)),
    Layout(name="MetaTrader history", example="metatrader_headless.csv",
           order=(ColumnRole.DATE, ColumnRole.CLOCK, _O, _H, _L, _C, _V)),
    Layout(name="Coinbase candles", example="coinbase.json", order=(_T, _L, _H, _O, _C, _V)),
    Layout(name="ccxt candles", example="ccxt.json", order=(_T, _O, _H, _L, _C, _V)),
    Layout(name="Bitfinex candles", example="bitfinex.json", order=(_T, _O, _C, _H, _L, _V)),
    Layout(name="HistData", example="histdata.csv", order=(_T, _O, _H, _L, _C, _V),
           zone="-05:00", note="HistData writes New York winter time all year: read as UTC-5"),
    Layout(name="NinjaTrader", example="ninjatrader.Last.txt", order=(_T, _O, _H, _L, _C, _V), closes=True,
           files=r"\.(last|bid|ask)\.txt$", note="NinjaTrader writes times of the zone it is set to; --tz says "
           "another than UTC"),
    Layout(name="Kraken trades", example="kraken_trades.csv",
           order=(_T, ColumnRole.PRICE, ColumnRole.SIZE)),
    Layout(name="Binance trades", example="binance_trades.csv",
           order=(None, ColumnRole.PRICE, ColumnRole.SIZE, None, _T, None, None)),
    Layout(name="Binance trades", example="binance_trades_futures.csv",
           order=(None, ColumnRole.PRICE, ColumnRole.SIZE, None, _T, None)),
    Layout(name="Binance aggregated trades", example="binance_agg.csv",
           order=(None, ColumnRole.PRICE, ColumnRole.SIZE, None, None, _T, None)),
    Layout(name="Binance aggregated trades", example="binance_agg_spot.csv",
           order=(None, ColumnRole.PRICE, ColumnRole.SIZE, None, None, _T, None, None)),
)  # fmt: skip

# Names that tell a column's role by themselves; of two that fit, the earlier one is taken.
TIME_NAMES: Final = (
    "opentime", "timeperiodstart", "startat", "starttime", "windowstart", "candlebegintime",
    "begin", "start", "ts", "timestamp", "timestampms", "timestamputc", "unix", "unixtimestamp",
    "epoch", "calctime", "fundingtime", "fundingratetimestamp", "datetime", "datetimeutc",
    "gmttime", "localtime", "utctime", "timeutc", "utc", "tradetime", "t", "time", "startedat", "mts", "tsevent", "zeit", "date", "day", "dtyyyymmdd", "datum", "fecha", "indexlevel0",
    "unnamed0", "index", "",
)  # fmt: skip
# Names of a day that may have its time of day in a column beside it.
DATE_NAMES: Final = ("date", "day", "dtyyyymmdd", "datum", "fecha")
NAMES: Final[MappingProxyType[ColumnRole, tuple[str, ...]]] = MappingProxyType(
    {
        ColumnRole.CLOSE_TIME: ("closetime", "timeperiodend", "endtime", "endat", "closetimestamp"),
        # Beside English the words of the banks' and portals' exports in German, French and Spanish.
        ColumnRole.OPEN: (
            "open", "o", "openprice", "priceopen", "eroffnung", "eroffnungskurs", "eroffn", "erster",
            "ouverture", "ouv", "apertura",
        ),
        ColumnRole.HIGH: (
            "high", "h", "highprice", "pricehigh", "hoch", "hochstkurs", "plushaut", "haut", "maximo",
        ),
        ColumnRole.LOW: (
            "low", "l", "lowprice", "pricelow", "tief", "tiefstkurs", "plusbas", "bas", "minimo",
        ),
        ColumnRole.CLOSE: (
            "close", "c", "closeprice", "priceclose", "last", "closelast", "schluss", "schlusskurs",
            "zuletzt", "cloture", "dernier", "cierre", "ultimo",
        ),
        ColumnRole.VOLUME: (
            "volume", "v", "vol", "basevolume", "volumebase", "volumetraded", "volumefrom",
            "baseassetvolume", "basetokenvolume", "stuck", "stuecke", "stucke",
        ),
        ColumnRole.QUOTE_VOLUME: (
            "quotevolume", "volumequote", "quoteassetvolume", "turnover", "volumeto",
            "volccyquote", "volquote", "quotevol", "quoteqty", "usdvolume",
        ),
        ColumnRole.TICKS: ("tickvol", "tickvolume"),
        ColumnRole.SYMBOL: (*SYMBOL_NAMES, *MAYBE_NAMES),
        ColumnRole.CONFIRM: ("confirm", "isclosed", "isfinal", "complete"),
        ColumnRole.PRICE: ("price", "p"),
        ColumnRole.SIZE: ("size", "qty", "quantity", "amount", "q"),
        ColumnRole.RATE: ("fundingrate", "lastfundingrate", "rate"),
    }
)  # fmt: skip
# What charts draw over the volume is no volume.
_AVERAGES: Final = ("ma", "sma", "ema", "wma", "average", "avg", "basedma", "smoothed")
QUOTES: Final = ("usdt", "usdc", "usd", "eur", "busd", "tusd", "gbp", "jpy")


def role_by_name(name: str) -> ColumnRole | None:
    """Return what a column's own name says it is; None where it says nothing.

    `Volume BTC` is volume in base units, `Volume USDT` in quote.
    """
    key = plain(name)
    if key in TIME_NAMES:
        return ColumnRole.TIME
    for role, names in NAMES.items():
        if key in names:
            return role
    rest = key.removeprefix("volume")
    if not key.startswith("volume") or rest in _AVERAGES:
        return None
    return ColumnRole.QUOTE_VOLUME if rest in QUOTES else ColumnRole.VOLUME


def layout_of(names: tuple[str, ...]) -> Layout | None:
    """Return the named layout of a header, None for a header that only plain names explain."""
    have = {plain(name) for name in names}
    return next((known for known in WITH_HEADER if known.fingerprint <= have), None)
